import { runtimeFetch } from "#runtimeFetch";
import type { CommandContext, Invocation } from "../cli/command.ts";
import { asFailure } from "../failure/failure.ts";
import { failureLine } from "../log/failureLine.ts";
import { Secrets } from "../log/secrets.ts";
import { plugin } from "../plugin/plugin.ts";
import { writeFailureLine, writeToStderr, writeToStdout } from "./output.ts";
import { pluginFlags } from "./pluginFlags.ts";
import { readStdin, stdinIsTerminal } from "./stdin.ts";
import { steadyClock } from "./steadyClock.ts";

const secrets = new Secrets();
const now = steadyClock(Date.now, () => performance.now());

/** Not by `new Promise`, which Bun has in JavaScript and would parse and compile for the one timer of a hit. */
function sleep(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}

function contextOf({ operands, flags }: Invocation): CommandContext {
  return {
    operands,
    flags,
    secrets,
    env: process.env,
    now,
    random: Math.random,
    fetch: runtimeFetch,
    sleep,
    readStdin: (maxBytes, timeoutMs) => readStdin(maxBytes, timeoutMs, sleep),
    print: writeToStdout,
    complain: (text) => writeToStderr(secrets.redact(text)),
    reportFailure: (failure) => writeFailureLine(failureLine(failure, secrets)),
  };
}

/**
 * All that one process does, from its arguments on; resolves to the exit status.
 * @param argv without the executable. @param executable what it was called by, name or path.
 */
export async function runProcess(argv: readonly string[], executable: string): Promise<number> {
  try {
    const invocation = await invocationOf(argv, executable);
    if (invocation.command.name === "" && (await stdinIsTerminal())) {
      writeToStderr(await (await import("./help.ts")).overview());
      return 2;
    }
    return await invocation.command.run(contextOf(invocation));
  } catch (error) {
    const failure = asFailure(error);
    writeFailureLine(failureLine(failure, secrets));
    return failure.exitStatus;
  }
}

async function invocationOf(argv: readonly string[], executable: string): Promise<Invocation> {
  const flags = pluginFlags(argv, executable);
  if (flags !== undefined) return { command: plugin, operands: [], flags };
  if (argv.length === 1 && argv[0] === "--version") {
    return { command: (await import("../commands/version.ts")).version, operands: [], flags: {} };
  }
  return (await import("./commandLine.ts")).parseCommandLine(argv, executable);
}
