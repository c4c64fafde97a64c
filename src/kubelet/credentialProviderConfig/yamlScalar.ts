/** What a scalar is to go.yaml.in/yaml/v2, with which the kubelet reads YAML. */
export type YamlScalar =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number" }
  | { readonly kind: "null" };

const TAGS = "tag:yaml.org,2002:";

const words: ReadonlyMap<string, YamlScalar> = new Map([
  ["", { kind: "null" }],
  ...each("~ null Null NULL", { kind: "null" }),
  ...each("y Y yes Yes YES true True TRUE on On ON", { kind: "boolean", value: true }),
  ...each("n N no No NO false False FALSE off Off OFF", { kind: "boolean", value: false }),
  ...each(".nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF", { kind: "number" }),
]);

function each(list: string, scalar: YamlScalar): [string, YamlScalar][] {
  return list.split(" ").map((word) => [word, scalar]);
}

/**
 * The value of a scalar as the function `resolve` of go.yaml.in/yaml/v2 (resolve.go) sees it: words of YAML 1.1 such as
 * `yes` and `on` are true, `1_000` and `0x1f` are numbers.
 * @param tag in full (`tag:yaml.org,2002:str`), where one is written.
 * @returns undefined when the text cannot be what its tag says.
 */
export function resolveScalar(
  text: string,
  isPlain: boolean,
  tag: string | undefined,
): YamlScalar | undefined {
  if (tag === undefined) return isPlain ? resolvePlain(text) : { kind: "text", text };
  switch (tag.startsWith(TAGS) ? tag.slice(TAGS.length) : undefined) {
    case "bool":
      return only("boolean", resolvePlain(text));
    case "null":
      return only("null", resolvePlain(text));
    case "float":
      return only("number", resolvePlain(text));
    case "int":
      return isInteger(text.replaceAll("_", "")) ? { kind: "number" } : undefined;
    case "timestamp":
      return isTimestamp(text) ? { kind: "text", text } : undefined;
    case "binary":
      return decodeBinary(text);
    default:
      return { kind: "text", text };
  }
}

function only(kind: YamlScalar["kind"], scalar: YamlScalar): YamlScalar | undefined {
  return scalar.kind === kind ? scalar : undefined;
}

function resolvePlain(text: string): YamlScalar {
  return words.get(text) ?? (isNumber(text) ? { kind: "number" } : { kind: "text", text });
}

/** A number that Go cannot hold (`1e999`) is a text. */
function isNumber(text: string): boolean {
  if (text.startsWith(".")) {
    return /^\.\d+(_\d+)*([eE][-+]?\d+(_\d+)*)?$/.test(text) && isFiniteNumber(text.replaceAll("_", ""));
  }
  if (!/^[-+0-9]/.test(text)) return false;
  const plain = text.replaceAll("_", "");
  const isFloat = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain);
  return isInteger(plain) || (isFloat && isFiniteNumber(plain));
}

const isFiniteNumber = (text: string) => Number.isFinite(Number(text));

/** What strconv.ParseInt or ParseUint take with base 0 and 64 bits. */
function isInteger(text: string): boolean {
  // go.yaml.in/yaml/v2 reads the digits behind 0b by themselves, and these may have a sign.
  if (/^0b[-+][01]{1,63}$/.test(text)) return true;
  const [, sign = "", digits] =
    /^([-+]?)(0[bB][01]+|0[oO][0-7]+|0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text) ?? [];
  if (digits === undefined || digits.length > 100) return false;
  const size = BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
  return size < 2n ** (sign === "" ? 64n : 63n) || (sign === "-" && size === 2n ** 63n);
}

function isTimestamp(text: string): boolean {
  const [, month, day, hour = "0", minute = "0", second = "0"] =
    /^\d{4}-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)| +\d\d?:\d\d?:\d\d?(?:[.,]\d+)?)?$/.exec(
      text,
    ) ?? [];
  return (
    month !== undefined &&
    Number(month) <= 12 &&
    Number(day) <= 31 &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60
  );
}

function decodeBinary(text: string): YamlScalar | undefined {
  const compact = text.replace(/[\r\n]/g, "");
  const isBase64 = /^(?:[a-zA-Z\d+/]{4})*(?:[a-zA-Z\d+/]{2}==|[a-zA-Z\d+/]{3}=)?$/.test(compact);
  return isBase64 ? { kind: "text", text: Buffer.from(compact, "base64").toString("utf8") } : undefined;
}
