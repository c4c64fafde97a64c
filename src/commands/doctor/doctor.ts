import { version } from "../../../package.json";
import type { Command, CommandContext } from "../../cli/command.ts";
import { outputFormat } from "../../cli/flags.ts";
import { newRecord } from "../../log/record.ts";
import { type Run, startRun } from "../../run/run.ts";
import { oneLine } from "../../text/foreignText.ts";
import type { Check, GroupName } from "./check.ts";
import { examineAll } from "./examineAll.ts";
import { type JudgedConfig, judgeConfig } from "./judgedConfig.ts";
import { type ObservedNode, observeNode } from "./observedNode.ts";
import { countsOf, ReportText } from "./reportText.ts";
import { progressLine, terminalOf } from "./terminal.ts";

/**
 * `doctor [IMAGE…]`: says why a pull fails, by every check that can be made on this node. Exit status 1 where one fails.
 */
export const doctor: Command = {
  name: "doctor",
  operands: "[IMAGE...]",
  operandCount: { min: 0, max: 100 },
  flags: ["--config", "--output", "--offline", "--kubelet-config", "--bin-dir", "--kubernetes"],
  help: "check everything that a pull needs on this node, each failure with its remedy",
  run: examineNode,
};

async function examineNode(context: CommandContext): Promise<number> {
  const { flags, secrets, operands: images, env } = context;
  const isText = outputFormat(flags) === "text";
  const terminal = terminalOf(env);
  const progress = progressLine(terminal.progress ? context.complain : undefined);
  const print = (text: string) => progress.without(() => context.print(secrets.redact(text)));
  progress.show("looking at the node");
  const node = await observeNode({ ...wantedOf(flags), images, env });
  addSecrets(context, node);
  const judged = await judgeConfig(node, textFlag(flags["--config"]), context);
  const run = runOf(context, node, judged);
  const examination = { images, offline: flags["--offline"] === true, ...(run === undefined ? {} : { run }) };
  const text = new ReportText(terminal.colour);
  const checks: Check[] = [];
  const begin = (group: GroupName) => progress.show(`checking ${group}`);
  for await (const found of examineAll({ node, judged, shell: env }, examination, begin)) {
    const check = onOneLine(found);
    checks.push(check);
    if (isText) print(text.check(check));
  }
  progress.show(undefined);
  const counts = countsOf(checks);
  print(
    isText ? text.summary(counts) : `${JSON.stringify({ ...reportHead(node), counts, checks }, null, 2)}\n`,
  );
  return counts.failed > 0 ? 1 : 0;
}

/** Names of files and processes are other people's texts, and may hold anything. */
function onOneLine({ subject, found, remedy, ...check }: Check): Check {
  const texts = { subject: oneLine(subject), found: oneLine(found) };
  return { ...check, ...texts, ...(remedy === undefined ? {} : { remedy: oneLine(remedy) }) };
}

/** What the JSON says besides the checks; docs/doctor.schema.json describes all of it. */
function reportHead({ kubelet, release }: ObservedNode): Record<string, unknown> {
  return {
    apiVersion: "aliyun-acr-credential-provider/v1",
    kind: "DoctorReport",
    version,
    kubelet: {
      ...(kubelet === undefined ? {} : { pid: kubelet.pid, kind: kubelet.kind }),
      release: release.version,
      releaseKnown: release.from !== undefined,
    },
  };
}

function wantedOf(flags: CommandContext["flags"]) {
  const [kubeletConfig, binDir, kubernetes] = [
    textFlag(flags["--kubelet-config"]),
    textFlag(flags["--bin-dir"]),
    textFlag(flags["--kubernetes"]),
  ];
  return {
    ...(kubeletConfig === undefined ? {} : { kubeletConfig }),
    ...(binDir === undefined ? {} : { binDir }),
    ...(kubernetes === undefined ? {} : { kubernetes }),
  };
}

function textFlag(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The kubelet's environment may hold what no report may show. */
function addSecrets({ secrets }: CommandContext, { env }: ObservedNode): void {
  for (const [name, value = ""] of Object.entries(env)) {
    if (/SECRET|TOKEN|PASSWORD/i.test(name) && !value.startsWith("/")) secrets.add(value);
  }
}

/** With what the plugin gets from the kubelet; undefined where its config cannot be used, or not be trusted. */
function runOf(context: CommandContext, node: ObservedNode, { validation }: JudgedConfig): Run | undefined {
  const config = validation?.config;
  if (config === undefined || node.files.view === "root") return undefined;
  return startRun({ ...context, env: node.env }, config, newRecord(), context.secrets);
}
