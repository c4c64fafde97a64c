import { Document, isMap, type Node, type Pair } from "yaml";
import { Failure } from "../failure/failure.ts";
import { secretsOf } from "./configSource.ts";
import { formatProblem, type Note, type Path, type Problem } from "./problem.ts";
import { readSource } from "./readSource.ts";
import { checkConfig } from "./validation/checkConfig.ts";

/** A file that holds one secret; to be written with mode 0600. */
export interface KeyFile {
  readonly path: string;
  readonly content: string;
}

export interface ImportedConfiguration {
  /** The native config, with comments where something changed its meaning; holds no secret. */
  readonly yaml: string;
  /** The AccessKey pairs that `yaml` names by `identity.directory`. */
  readonly keyFiles: readonly KeyFile[];
  readonly warnings: readonly Problem[];
}

export interface ImportOptions {
  /** Where the key files will be; default `/etc/aliyun-acr-credential-provider/keys`. */
  readonly keysDirectory?: string;
  onSecret?(value: string): void;
}

type Native = Record<string, unknown>;

/**
 * An `acr-configuration` ConfigMap (YAML or JSON) as native YAML. AccessKey pairs become directories below
 * `keysDirectory`, each pair once.
 * @throws Failure `ConfigInvalid` (exit status 2) for what is not a valid `acr-configuration`.
 */
export async function importConfiguration(
  text: string,
  options: ImportOptions = {},
): Promise<ImportedConfiguration> {
  const source = await readSource(text);
  for (const secret of secretsOf(source)) options.onSecret?.(secret);
  if (source.format === "native") throw notImportable("it is a ProviderConfig already");
  // The check fills in defaults, which do not belong in the file.
  const checked = await checkConfig({ ...source, input: structuredClone(source.input) }, undefined);
  if (checked.errors.length > 0) throw notImportable(checked.errors.map(formatProblem).join("; "));
  const keyFiles: KeyFile[] = [];
  const native = withoutKeys(
    source.input,
    options.keysDirectory ?? "/etc/aliyun-acr-credential-provider/keys",
    keyFiles,
  );
  const yaml = commented(native as Native, [...changesOfMeaning(native as Native), ...source.warnings]);
  return { yaml, keyFiles, warnings: checked.warnings };
}

function notImportable(cause: string): Failure {
  return new Failure(`import the acr-configuration: ${cause}`, {
    code: "ConfigInvalid",
    exitStatus: 2,
    remedy:
      "name the ConfigMap as kubectl exports it: kubectl -n kube-system get cm acr-configuration -o yaml",
  });
}

/** A copy in which AccessKey pairs are directories; their files are added to `keyFiles`. */
function withoutKeys(value: unknown, directory: string, keyFiles: KeyFile[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutKeys(item, directory, keyFiles));
  if (typeof value !== "object" || value === null) return value;
  const { accessKeyId: id, accessKeySecret: secret, securityToken: token, ...rest } = value as Native;
  const { source, ...others } = Object.fromEntries(
    Object.entries(rest).map(([key, item]) => [key, withoutKeys(item, directory, keyFiles)]),
  );
  if (typeof id !== "string" || typeof secret !== "string")
    return source === undefined ? others : { source, ...others };
  const pair = { "access-key-id": id, "access-key-secret": secret, "security-token": token };
  return { source, directory: folderOf(pair, directory, keyFiles), ...others };
}

/** The folder that holds these keys: `key-1`, `key-2`, …, because what was typed as a key is not a safe file name. */
function folderOf(pair: Readonly<Record<string, unknown>>, directory: string, keyFiles: KeyFile[]): string {
  const contents = Object.entries(pair).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  for (let number = 1; ; number++) {
    const folder = `${directory}/key-${number}`;
    const present = keyFiles.filter(({ path }) => path.startsWith(`${folder}/`));
    if (present.length === 0) {
      keyFiles.push(...contents.map(([name, content]) => ({ path: `${folder}/${name}`, content })));
      return folder;
    }
    const same = contents.every(([name, content]) =>
      present.some((file) => file.path === `${folder}/${name}` && file.content === content),
    );
    if (same && present.length === contents.length) return folder;
  }
}

/** Where the same keys mean something else than they meant to the helper. */
function changesOfMeaning({ registries, access, identity }: Native): Note[] {
  const notes: Note[] = [];
  const note = (native: Path | undefined, message: string) =>
    notes.push({ path: "", message, ...(native === undefined ? {} : { native }) });
  const entries = registries as Native[];
  if (entries.length === 0) {
    note(
      ["registries"],
      "Empty: the helper served the Personal Edition of the cluster's region. Now that of every region is served, and " +
        "Enterprise hosts by ListInstance (discovery: never switches that off)",
    );
  }
  entries.forEach((entry, index) => {
    if (entry.regionId !== undefined) return;
    note(
      ["registries", index],
      "Without regionId: it was the cluster's region, and is now that of the image's host, else the node's",
    );
  });
  if (identity === undefined && (entries.length === 0 || entries.some((entry) => asNode(entry.identity)))) {
    note(
      undefined,
      "Where no identity is named: it was the helper's own (a managed role, the workers' role or the Secret " +
        "alibaba-addon-secret), and is now what the node has (identity: {source: auto})",
    );
  }
  const { namespaces, serviceAccounts } = access as { namespaces: string[]; serviceAccounts: string[] };
  if (!namespaces.includes("*") || !serviceAccounts.includes("*")) {
    note(
      ["access"],
      "The helper gave its secret to these service accounts. Now each pull is checked, and for that the kubelet " +
        "must send service account tokens (tokenAttributes, Kubernetes 1.34)",
    );
  }
  return notes;
}

/** Whether an entry with this identity asks with the node's own identity. */
function asNode(identity: unknown): boolean {
  return ((identity as { source?: unknown } | undefined)?.source ?? "auto") === "auto";
}

function commented(native: Native, notes: readonly Note[]): string {
  const document = new Document(native);
  const general = notes.filter(({ native: path }) => path === undefined);
  const lines = [
    "Imported from acr-configuration.",
    ...general.map((note) => formatProblem({ ...note, path: note.path })),
  ];
  document.commentBefore = lines.map(comment).join("\n");
  for (const { native: path, message } of notes) {
    const node = path === undefined ? undefined : nodeAt(document, path);
    if (node) node.commentBefore = [node.commentBefore, comment(message)].filter(Boolean).join("\n");
  }
  return document.toString({ lineWidth: 0 });
}

const COMMENT_WIDTH = 100;

/** A sentence as lines of a comment. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > COMMENT_WIDTH) lines.push(` ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}

/** What a comment on the path belongs to: the key in a mapping, the item in a list. */
function nodeAt(document: Document, path: Path): Node | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String((key as { value?: unknown }).value) === last);
    return (pair as Pair<Node> | undefined)?.key;
  }
  return document.getIn(path, true) as Node | undefined;
}
