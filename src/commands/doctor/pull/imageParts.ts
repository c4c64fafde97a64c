import { imageRepository } from "../../../kubelet/matchImages/imageRepository.ts";
import { imageHost } from "../../../registry/imageReference.ts";

/** An image as a registry is asked for it. */
export interface ImageParts {
  readonly host: string;
  /** `namespace/name`. */
  readonly repository: string;
  /** The digest, else the tag, else `latest`. */
  readonly reference: string;
}

/** @throws Failure `RequestInvalid` for what is not an image. */
export function imageParts(image: string): ImageParts {
  const host = imageHost(image);
  const full = imageRepository(image);
  const [name = "", digest] = image.split("@");
  const tag = /:([\w.-]+)$/.exec(name.slice(name.lastIndexOf("/")))?.[1];
  return { host, repository: full.slice(full.indexOf("/") + 1), reference: digest ?? tag ?? "latest" };
}
