import { statSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "../../../../config/problem.ts";
import type { CredentialProvider } from "../../../../kubelet/credentialProviderConfig/credentialProvider.ts";
import type { FileProblem } from "../../../../kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { Unreadable } from "../../../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { neverMatches } from "../../../../kubelet/matchImages/neverMatches.ts";
import type { Check } from "../../check.ts";
import { type JudgedConfig, placeOf, pluginArguments } from "../../judgedConfig.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { type OurProvider, PROVIDER_NAME } from "../../ourProviders.ts";
import { printingCommand } from "./printingCommand.ts";
import { restartOf } from "./restart.ts";
import { tokenCheck } from "./tokens.ts";

const check = checksOf("kubelet");

/** The kubelet's CredentialProviderConfig by the rules of its release, and our provider in it. */
export function* providerChecks(node: ObservedNode, judged: JudgedConfig): Iterable<Check> {
  const { verdict, flags, release } = node;
  const path = flags.config?.value;
  if (verdict === undefined || path === undefined) {
    yield check("config", "CredentialProviderConfig").skipped("nothing leads to one: see flags");
    return;
  }
  if (!verdict.accepted) {
    for (const problem of verdict.problems) yield configProblem(node, problem);
    yield check("provider", path).skipped("the kubelet does not start with this config");
    return;
  }
  const count = verdict.providers.length === 1 ? "1 provider" : `${verdict.providers.length} providers`;
  yield check("config", path).ok(`a kubelet of ${release.name} starts with it: ${count}`);
  for (const remark of verdict.remarks)
    yield check("config", remark.file).warning(formatProblem(remark), "take it out");
  for (const provider of verdict.providers) yield* executableOf(node, provider);
  yield* ourProvider(node, path, judged);
  for (const provider of node.ours) {
    yield argumentsOf(node, provider);
    yield* patternsOf(provider);
    yield tokenCheck(node, provider, judged);
  }
}

function configProblem({ kubelet, release }: ObservedNode, problem: FileProblem): Check {
  const { file, line } = problem;
  const place = line === undefined ? file : `${file}, line ${line}`;
  const when =
    kubelet === undefined
      ? `a kubelet of ${release.name} does not start`
      : `${kubelet.kind === "k3s" ? "k3s, the API included," : "the kubelet"} ends at its next start`;
  return check("config", file).failed(`${formatProblem(problem)} (${when})`, `correct ${place}`);
}

/** Every provider's executable must be there at the start, also that of others: plugins.go of the kubelet. */
function* executableOf(
  { flags, files, kubelet }: ObservedNode,
  provider: CredentialProvider,
): Iterable<Check> {
  if (flags.binDir === undefined) return;
  const path = join(flags.binDir.value, provider.name);
  const problem = problemOfExecutable(path, files);
  if (problem === undefined) return;
  const { name, file, line } = provider;
  yield check("provider-executable", path).failed(
    `${problem}, and with that the kubelet ends at its next start (provider ${name}, ${file}, line ${line})`,
    `install it, or take the provider out of ${file}, then: ${restartOf(kubelet)}`,
  );
}

function problemOfExecutable(path: string, files: ObservedNode["files"]): string | undefined {
  try {
    const kind = files.kindOf(path);
    if (kind !== "file") return kind === undefined ? "does not exist" : "is a directory";
    return (statSync(files.here(path)).mode & 0o111) === 0 ? "cannot be executed" : undefined;
  } catch (error) {
    return error instanceof Unreadable ? error.message : undefined;
  }
}

function* ourProvider(node: ObservedNode, path: string, judged: JudgedConfig): Iterable<Check> {
  const { ours, verdict, kubelet, flags } = node;
  const [first, ...others] = ours;
  if (first === undefined) {
    const names = verdict?.accepted ? verdict.providers.map(({ name }) => name).join(", ") : "";
    yield check("provider", path).failed(
      `has no provider ${PROVIDER_NAME}, and none whose executable leads to it (it has ${names})`,
      `put under providers: what this prints: ${printingCommand(node, judged)}; then: ${restartOf(kubelet)}`,
    );
    return;
  }
  yield check("provider", path).ok(`${placeOf(first)}${flags.binDir ? "" : ", by its name"}`);
  if (others.length === 0) return;
  yield check("provider", path).warning(
    `further providers run this program: ${others.map(placeOf).join(", ")}; what is checked below "config" is for ${first.name}`,
    "name an IMAGE, to check the one that is asked for it",
  );
}

function argumentsOf({ kubelet }: ObservedNode, provider: OurProvider): Check {
  const found = check("arguments", placeOf(provider));
  const { refused } = pluginArguments(provider.args);
  if (refused === undefined) {
    return found.ok(provider.args.length === 0 ? "none" : provider.args.join(" "));
  }
  return found.failed(
    `every run ends with exit status 2: ${refused}`,
    `correct args of the provider (it takes --config FILE, --log-file FILE, --log-level LEVEL), then: ${restartOf(kubelet)}`,
  );
}

function* patternsOf(provider: OurProvider): Iterable<Check> {
  const { matchImages, patternLines, file, line } = provider;
  let dead = 0;
  for (const [index, pattern] of matchImages.entries()) {
    const never = neverMatches(pattern);
    if (never === undefined) continue;
    dead++;
    const place = `${file}, line ${patternLines[index] ?? line}`;
    yield check("patterns", `matchImages: ${pattern}`).warning(`${never} (${place})`, `correct ${place}`);
  }
  if (dead > 0) return;
  yield check("patterns", placeOf(provider)).ok(`each of ${matchImages.length} can match an image`);
}
