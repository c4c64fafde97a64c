import { Failure } from "../failure/failure.ts";
import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { InstanceQuery } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";

/** One way to an instance, as ListInstanceEndpoint has it, unchecked. */
export type RawEndpoint = Record<string, unknown> | null;

/**
 * The endpoints of an instance, by ListInstanceEndpoint (RAM permission `cr:ListInstanceEndpoint`). `summary` leaves out
 * who is let in (access lists, VPCs).
 * @throws Failure of the call, or `ResponseInvalid`.
 */
export async function listEndpoints(
  run: Run,
  query: Omit<InstanceQuery, "identity"> & { readonly instanceId: string },
  credentials: RamCredentials,
  { summary }: { readonly summary: boolean },
): Promise<readonly RawEndpoint[]> {
  const answer = await callOpenApi(run, {
    product: "cr",
    action: "ListInstanceEndpoint",
    version: "2018-12-01",
    method: "POST",
    path: "/",
    query: {
      InstanceId: query.instanceId,
      ModuleName: "Registry",
      ...(summary ? { Summary: "true" } : {}),
    },
    regionId: query.regionId,
    network: query.network,
    credentials,
  });
  if (Array.isArray(answer.Endpoints)) return answer.Endpoints;
  throw endpointsInvalid("list of endpoints");
}

/** That the answer of ListInstanceEndpoint lacks something. */
export function endpointsInvalid(what: string): Failure {
  return new Failure(`ListInstanceEndpoint: the answer holds no ${what}`, {
    code: "ResponseInvalid",
    api: "ListInstanceEndpoint",
    transient: true,
    remedy: "check the API endpoint, and whatever stands between the node and it",
  });
}
