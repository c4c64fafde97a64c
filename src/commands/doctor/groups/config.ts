import type { ProviderConfig } from "../../../config/config.ts";
import { exposureOf } from "../../../config/configFile.ts";
import { formatProblem, type Problem } from "../../../config/problem.ts";
import { Failure } from "../../../failure/failure.ts";
import type { Check } from "../check.ts";
import type { JudgedConfig } from "../judgedConfig.ts";
import { checksOf } from "../makeCheck.ts";
import type { ObservedNode } from "../observedNode.ts";

const check = checksOf("config");

/** The plugin's config: which file it is, who may read and change it, what is wrong in it, and what it names on this node. */
export async function* examineConfig(node: ObservedNode, judged: JudgedConfig): AsyncIterable<Check> {
  yield source(judged);
  yield access(judged);
  yield* content(judged);
  yield* onNode(node, judged);
}

function source({ file, from, insteadOf, failure, validation }: JudgedConfig): Check {
  const found = check("file", file);
  if (failure !== undefined) {
    return found.failed(`${failure.message} (${from})`, failure.remedy ?? "name another file");
  }
  if (insteadOf !== undefined) {
    return found.warning(
      `${from}, and the kubelet makes the plugin read ${insteadOf}`,
      "leave --config out to check that one",
    );
  }
  const isThere = validation?.file !== undefined;
  return found.ok(isThere ? from : "does not exist, so the built-in defaults apply");
}

function access({ file, files, holdsSecret, validation }: JudgedConfig): Check {
  const found = check("access", file);
  const content = validation?.file === undefined ? undefined : read(files, file);
  if (content === undefined) return found.skipped("there is no file");
  const { errors, warnings } = exposureOf(file, content, holdsSecret);
  const [error] = errors;
  if (error !== undefined) return found.failed(...split(error));
  const [warning] = warnings;
  if (warning !== undefined) return found.warning(...split(warning));
  const octal = content.mode.toString(8).padStart(4, "0");
  return found.ok(`mode ${octal}${holdsSecret ? ", holds a secret" : ", holds no secret"}`);
}

function read(files: JudgedConfig["files"], file: string): ReturnType<typeof files.read> {
  try {
    return files.read(file);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** What is wrong, and the command in its message that fixes it. */
function split({ message }: Problem): [found: string, remedy: string] {
  const [, found = message, command = ""] = /^(.*)[:;] run "(.*)"$/.exec(message) ?? [];
  return [found, command];
}

function* content({ file, files, holdsSecret, validation }: JudgedConfig): Iterable<Check> {
  if (validation === undefined) {
    yield check("content", file).skipped("the file cannot be read");
    return;
  }
  const { errors, warnings, config } = validation;
  const exposed = exposedMessages(file, files, holdsSecret);
  const others = ({ path, message }: Problem) => path !== "" || !exposed.includes(message);
  for (const problem of errors.filter(others))
    yield check("content", file).failed(formatProblem(problem), fix(file));
  for (const problem of warnings.filter(others)) {
    yield check("content", file).warning(formatProblem(problem), fix(file));
  }
  if (errors.length === 0 && config !== undefined) yield check("content", file).ok(summaryOf(config));
}

function exposedMessages(file: string, files: JudgedConfig["files"], holdsSecret: boolean): string[] {
  const content = read(files, file);
  if (content === undefined) return [];
  const { errors, warnings } = exposureOf(file, content, holdsSecret);
  return [...errors, ...warnings].map(({ message }) => message);
}

function fix(what: string): string {
  return `correct it, then: aliyun-acr-credential-provider config validate ${what}`;
}

function summaryOf({ registries, identity, discovery }: ProviderConfig): string {
  const entries = registries.length === 1 ? "1 registry" : `${registries.length} registries`;
  return `valid: ${entries}, discovery ${discovery}, identity ${identity.source}`;
}

function* onNode({ files }: ObservedNode, { file, validation, onNode }: JudgedConfig): Iterable<Check> {
  const found = check("node", file);
  if (validation?.config === undefined) {
    yield found.skipped("the config cannot be used");
    return;
  }
  if (onNode === undefined || files.view === "root") {
    yield found.skipped("the kubelet has a file system of its own, and the config names files in it");
    return;
  }
  for (const { severity, ...problem } of onNode) {
    const [what, command] = split({ ...problem, message: formatProblem(problem) });
    const remedy = command === "" ? fix(`--node ${file}`) : command;
    yield severity === "error" ? found.failed(what, remedy) : found.warning(what, remedy);
  }
  if (onNode.length === 0) yield found.ok("what it names on this node is there");
}
