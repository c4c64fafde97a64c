import { Failure, restate } from "../failure/failure.ts";
import type { Candidate } from "./candidates.ts";
import type { Search } from "./search.ts";

/**
 * That a candidate's domains could not be learnt, with the config line that makes the question unnecessary.
 * What is no Failure is thrown on.
 */
export function lookupFailure(search: Search, candidate: Candidate, error: unknown): Failure {
  if (!(error instanceof Failure)) throw error;
  const { host } = search;
  return restate(error, {
    message: `find the instance of ${host}: ${described(candidate)}: ${error.message}`,
    remedy: [error.remedy, configLine(search, candidate)].filter((part) => part !== undefined).join(", or "),
  });
}

/** Where the instance is named, which one it is, and as whom it was asked for. */
function described({ origin, instanceId, identity }: Candidate): string {
  return `${origin} (${origin.includes(instanceId) ? "" : `${instanceId}, `}identity ${identity.source})`;
}

function configLine({ host, acrHost }: Search, { origin }: Candidate): string | undefined {
  if (!origin.startsWith("registries")) return undefined;
  const line =
    acrHost?.instanceName === undefined ? `domains: [${host}]` : `instanceName: ${acrHost.instanceName}`;
  return `add "${line}" to ${origin} if ${host} is its host`;
}
