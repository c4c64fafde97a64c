import type { Command, CommandContext } from "../../cli/command.ts";
import type { FlagValues } from "../../cli/flags.ts";
import { outputFormat } from "../../cli/flags.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import { type Failure, usageFailure } from "../../failure/failure.ts";
import { readSmallFile } from "../../files/privateFile.ts";
import { parseServiceAccount, type ServiceAccount } from "../../identity/serviceAccount.ts";
import { newRecord } from "../../log/record.ts";
import { provide } from "../../plugin/provide.ts";
import { offline } from "../../run/offline.ts";
import { startRun } from "../../run/run.ts";
import { explainPull } from "./explanation.ts";
import { explanationText } from "./explanationText.ts";
import { tokenCommand } from "./tokenCommand.ts";

/**
 * `explain IMAGE`: the decision about an image, step by step, by the code that the kubelet runs. Without `--fetch`
 * nothing is sent anywhere and nothing is kept. Exit status 0 when the decision could be worked out, whatever it is.
 */
export const explain: Command = {
  name: "explain",
  operands: "IMAGE",
  operandCount: { min: 1, max: 1 },
  flags: [
    "--config",
    "--log-file",
    "--log-level",
    "--fetch",
    "--output",
    "--service-account",
    "--annotation",
    "--token-file",
  ],
  help: "say step by step how an image would be decided; no network unless --fetch",
  run: explainImage,
};

async function explainImage(context: CommandContext): Promise<number> {
  const { flags, secrets, operands } = context;
  const format = outputFormat(flags);
  const serviceAccount = standIn(flags, context);
  const config = await loadRunConfig(context);
  const pull = { image: operands[0] ?? "", ...(serviceAccount === undefined ? {} : { serviceAccount }) };
  const fetching = flags["--fetch"] === true;
  const start = () => startRun(context, config, newRecord(), secrets);
  // What is known without network tells in most cases that the token is needed: then nothing at all is asked.
  if (fetching) refuseWithout(tokenCommand(await provide(offline(start()), pull), pull));
  const explanation = await explainPull(start(), pull, fetching);
  if (fetching) refuseWithout(explanation.tokenCommand);
  const text = format === "json" ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation);
  context.print(secrets.redact(text));
  return explanation.outcome === "failed" ? 1 : 0;
}

/** @throws Failure `Usage` where there is a command: it makes the service account's token, which was not given. */
function refuseWithout(command: string | undefined): void {
  if (command === undefined) return;
  throw usageFailure(
    "--fetch needs the service account's token, because the plugin would ask as that account",
    `run "${command}", and give it with --token-file FILE`,
  );
}

/** The service account that the flags stand in for. @throws Failure `Usage`, or for a token file that is none. */
function standIn(flags: FlagValues, { secrets }: CommandContext): ServiceAccount | undefined {
  const { "--service-account": named, "--token-file": tokenFile } = flags;
  const annotations = annotationsOf(flags);
  if (typeof tokenFile === "string") {
    const token = readSmallFile(tokenFile, "--token-file");
    secrets.add(token);
    const sent = parseServiceAccount(token, annotations);
    if (typeof named === "string" && named !== `${sent.namespace}/${sent.name}`) {
      throw usage(`--token-file holds a token of ${sent.namespace}/${sent.name}, not of ${named}`);
    }
    return sent;
  }
  if (typeof named !== "string") {
    if (Object.keys(annotations).length === 0) return undefined;
    throw usage("--annotation needs --service-account or --token-file");
  }
  const [namespace, name, more] = named.split("/");
  if (!namespace || !name || more !== undefined)
    throw usage(`--service-account ${named} is not NAMESPACE/NAME`);
  const subject = `system:serviceaccount:${namespace}:${name}`;
  return { namespace, name, subject, annotations };
}

function annotationsOf(flags: FlagValues): Record<string, string> {
  const pairs = (flags["--annotation"] ?? []) as string[];
  return Object.fromEntries(
    pairs.map((pair) => {
      const end = pair.indexOf("=");
      if (end < 1) throw usage(`--annotation ${pair} is not KEY=VALUE`);
      return [pair.slice(0, end), pair.slice(end + 1)];
    }),
  );
}

function usage(message: string): Failure {
  return usageFailure(message, "see aliyun-acr-credential-provider explain --help");
}
