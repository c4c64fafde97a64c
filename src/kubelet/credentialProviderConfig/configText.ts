import type { ReadText } from "./configTree.ts";
import { readJson } from "./jsonTree.ts";

/** A brace after what Go's unicode.IsSpace takes for white space. */
const looksLikeJson = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

/**
 * Reads the bytes of a config file as the kubelet's decoder does: what begins with a `{` is JSON, and is not tried as
 * YAML; all else is YAML. Only JSON may hold what is not UTF-8; only YAML may be UTF-16 with a byte order mark.
 */
export async function readConfigText(bytes: Uint8Array): Promise<ReadText> {
  const text = decode(bytes);
  if (text !== undefined && !looksLikeJson.test(text)) {
    const { readYaml } = await import("./yamlTree.ts");
    return readYaml(text);
  }
  const lenient = text ?? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return looksLikeJson.test(lenient)
    ? readJson(lenient)
    : { problems: [{ message: "is not UTF-8: save it as UTF-8" }] };
}

/** Undefined where the bytes are not what their byte order mark says, or not UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
