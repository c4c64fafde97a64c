import { version } from "../../../package.json";
import type { Command, CommandContext } from "../../cli/command.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import { Failure, usageFailure } from "../../failure/failure.ts";
import { failureLine } from "../../log/failureLine.ts";
import { newRecord } from "../../log/record.ts";
import { startRun } from "../../run/run.ts";
import { cachedUsers } from "./cachedUsers.ts";
import { getCredentials } from "./getCredentials.ts";
import { readCaller } from "./readCaller.ts";

/**
 * `docker-credential get|list|store|erase`: the protocol of docker's credential helpers
 * (https://github.com/docker/docker-credential-helpers), by the code that answers the kubelet. Also what the executable
 * is under a name that starts with `docker-credential-`.
 */
export const dockerCredential: Command = {
  name: "docker-credential",
  operands: "get|list|store|erase",
  operandCount: { min: 1, max: 1 },
  flags: ["--config", "--log-file", "--log-level"],
  help: "be a credential helper of docker, helm, skopeo, oras or crane",
  run: (context) => actionOf(context)(context),
};

const actions: Readonly<Record<string, (context: CommandContext) => Promise<number>>> = {
  get: getCredentials,
  list: listCached,
  store: refuseToStore,
  erase: eraseNothing,
  version: printVersion,
};

function actionOf({ operands: [name = ""] }: CommandContext) {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  throw usageFailure(`${name} is not an action of docker-credential`, "use get, list, store or erase");
}

/** Whose tokens are cached, as `{HOST: USER}`. Asks no one. */
async function listCached(context: CommandContext): Promise<number> {
  const run = startRun(context, await loadRunConfig(context), newRecord(), context.secrets);
  context.print(`${JSON.stringify(await cachedUsers(run))}\n`);
  return 0;
}

/** `docker login` stores what it was given; here every token comes from ACR. */
async function refuseToStore(context: CommandContext): Promise<number> {
  await readCaller(context);
  const failure = new Failure("store credentials: this credential helper is read-only", {
    code: "ReadOnly",
    remedy: "pull and push without docker login, or take the host out of credHelpers to log in by hand",
  });
  // The protocol has its errors on stdout: what its callers show.
  context.print(`${failure.message}\n`);
  context.complain(`${failureLine(failure, context.secrets)}\n`);
  return failure.exitStatus;
}

/** `docker logout`: nothing was stored, and what the cache holds is the node's (`cache clear`). */
async function eraseNothing(context: CommandContext): Promise<number> {
  await readCaller(context);
  return 0;
}

async function printVersion({ print }: CommandContext): Promise<number> {
  print(`docker-credential-aliyun-acr (aliyun-acr-credential-provider) ${version}\n`);
  return 0;
}
