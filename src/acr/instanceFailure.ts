import { Failure, restate } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import { type Identity, principalOf } from "../identity/identity.ts";
import type { Registry } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";

/** What ACR is asked about; host and origin where it is asked for a token. */
type Asked = Pick<Registry, "regionId"> & Partial<Pick<Registry, "instanceId" | "host" | "origin">>;

/**
 * Asks ACR as an identity. A refusal gets a remedy that names the instance and who asked.
 * @throws Failure of `ask`.
 */
export async function askInstance<Value>(
  run: Run,
  asked: Asked,
  identity: Identity,
  ask: () => Promise<Value>,
): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const remedy = remedyOf(error, asked, principalOf(run, identity.name));
    throw restate(error, { ...(remedy === undefined ? {} : { remedy }), orRemedy: insteadOf(error, asked) });
  }
}

/**
 * ACR does not tell an instance of another account from one that does not exist. No document lists its codes:
 * `INSTANCE_NOT_EXIST` and `INSTANCE_STATUS_NOT_RUNNING` are assumed, `USER_NOT_EXIST` is in a user's report
 * (https://github.com/aliyun/acr-login/issues/19).
 */
function remedyOf({ code, details }: Failure, asked: Asked, who: string): string | undefined {
  const { instanceId, regionId } = asked;
  if (/^INSTANCE_?NOT_?EXIST/i.test(code)) {
    if (isPlaceholder(instanceId)) {
      return `replace the placeholder ${instanceId} by the ID of your instance, which the console of ACR shows`;
    }
    return `check that ${instanceId} is an instance in ${regionId}; if it belongs to another account than ${who}, name a role of that account in identity.assumeRoles`;
  }
  if (/^INSTANCE_.*NOT_RUNNING/i.test(code)) {
    return `start or renew the instance ${instanceId} in the console of ACR (region ${regionId})`;
  }
  if (/^USER_NOT_EXIST/i.test(code)) {
    const signedIn = who.startsWith("the RAM user ") ? `as ${who}` : `in the account of ${who}`;
    return `sign in to the console of ACR ${signedIn} and set a registry password in ${regionId}, once: that opens the Personal Edition`;
  }
  if (/^(NoPermission|Forbidden|AccessDenied|Unauthorized)/i.test(code)) {
    return `grant cr:${details.api} (and cr:PullRepository for the pull itself) to ${who} by a RAM policy`;
  }
  return undefined;
}

/** As documents write it: `cri-xxxxxxxxxxxxxxxx`. */
function isPlaceholder(instanceId: string | undefined): boolean {
  return /^cri-(.)\1*$/.test(instanceId ?? "");
}

/** The other way out, where no one documents that the API serves such hosts. */
function insteadOf({ transient }: Failure, { host, origin }: Asked): string | undefined {
  if (transient || host === undefined || parseAcrHost(host)?.edition !== "newPersonal") return undefined;
  return (
    `keep a user name and password on the node (fixedCredentials of ${origin}): no one documents that this API ` +
    "serves Personal Edition instances with a host of their own"
  );
}
