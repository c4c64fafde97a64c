import { Failure } from "../../failure/failure.ts";
import { imageHost } from "../../registry/imageReference.ts";

const component = "[a-z\\d]+(?:(?:[._]|__|-+)[a-z\\d]+)*";
const pathForm = new RegExp(`^${component}(?:/${component})*$`);

/** Whether this can follow the host of an image, without tag and digest: github.com/distribution/reference. */
export function isRepositoryPath(path: string): boolean {
  return pathForm.test(path);
}

/**
 * The repository that the kubelet compares with `matchImages` and sends to the plugin: the image without tag and digest,
 * Docker Hub's written out (`nginx:1` is `docker.io/library/nginx`): ParseImageName of k8s.io/kubernetes/pkg/util/parsers.
 * @throws Failure `RequestInvalid` (exit status 2) for what is not an image.
 */
export function imageRepository(image: string): string {
  const host = imageHost(image);
  const [name = ""] = image.split("@");
  const path = (name.startsWith(`${host}/`) ? name.slice(host.length + 1) : name).replace(/:[\w.-]+$/, "");
  if (!isRepositoryPath(path)) {
    throw new Failure(
      "read the image reference: a repository has lower case letters, digits and . _ - / only",
      {
        code: "RequestInvalid",
        exitStatus: 2,
        remedy: "name an image such as registry.cn-hangzhou.aliyuncs.com/namespace/name:tag",
      },
    );
  }
  if (host !== "docker.io" && host !== "index.docker.io") return `${host}/${path}`;
  return `docker.io/${path.includes("/") ? path : `library/${path}`}`;
}
