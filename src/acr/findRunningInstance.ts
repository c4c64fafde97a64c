import { Failure } from "../failure/failure.ts";
import type { Instance } from "../registry/registry.ts";

/** The instances of exactly this name (upper and lower case alike) that run. */
export function runningOf(instances: readonly Instance[], name: string): readonly Instance[] {
  return instances.filter((one) => one.name === name.toLowerCase() && one.status === "RUNNING");
}

/**
 * The ID of the one running instance of this name.
 * @throws Failure `InstanceNotFound`, `InstanceNotRunning` or `InstanceAmbiguous`; each remedy has the config line that
 * makes the question unnecessary.
 */
export function findRunningInstance(
  instances: readonly Instance[],
  query: { readonly instanceName: string; readonly regionId: string },
): string {
  const { instanceName: name, regionId } = query;
  const running = runningOf(instances, name);
  const [only] = running;
  if (only !== undefined && running.length === 1) return only.id;
  if (running.length > 1) {
    const ids = running.map(({ id }) => id).join(", ");
    const cause = `${running.length} instances in ${regionId} are named ${name} (${ids})`;
    throw notUsable("InstanceAmbiguous", cause, configLine(query));
  }
  const stopped = instances.find((one) => one.name === name.toLowerCase());
  if (stopped === undefined) {
    const cause = `this account has no instance named ${name} in ${regionId}`;
    const remedy = `correct the image's host; for an instance of another account ${configLine(query)}, with identity.assumeRoles`;
    throw notUsable("InstanceNotFound", cause, remedy);
  }
  throw notUsable(
    "InstanceNotRunning",
    `the instance ${stopped.id} named ${name} is ${stopped.status}, not RUNNING`,
    `start the instance, or if another one is meant ${configLine(query)}`,
  );
}

/** The line of the config that makes the question for an instance's name unnecessary. */
export function configLine(query: { readonly instanceName: string; readonly regionId: string }): string {
  const { instanceName, regionId } = query;
  return `add to registries "- {instanceId: cri-…, instanceName: ${instanceName}, regionId: ${regionId}}"`;
}

/** That ListInstance led to nothing: why, and what to do instead. */
export function notUsable(code: string, cause: string, remedy?: string): Failure {
  return new Failure(`ListInstance: ${cause}`, {
    code,
    api: "ListInstance",
    ...(remedy === undefined ? {} : { remedy }),
  });
}
