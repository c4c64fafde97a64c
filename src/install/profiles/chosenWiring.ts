import { join } from "node:path";
import { Failure } from "../../failure/failure.ts";
import type { Profile, ProviderFlags, Wiring } from "./profile.ts";

/**
 * Where the kubelet looks already, else where it was asked to look, else where it was installed, else the profile's own places.
 * @throws Failure `NodeNotUnderstood` where it was asked to look elsewhere than it does, or at a path that flags cannot hold.
 */
export function chosenWiring(
  profile: Profile,
  now: ProviderFlags,
  { config: kubeletConfig, binDir }: ProviderFlags,
  recorded: Wiring | undefined,
): Wiring {
  const fixed = profile.isFixed ? profile.defaults : now;
  for (const [flag, wanted, set] of [
    ["--kubelet-config", kubeletConfig, fixed.config],
    ["--bin-dir", binDir, fixed.binDir],
  ] as const) {
    if (wanted === undefined || set === undefined || join(wanted, "/") === join(set, "/")) continue;
    throw new Failure(
      `install to ${wanted}: this node's kubelet is led to ${set}, for all of its providers`,
      {
        code: "NodeNotUnderstood",
        remedy: `leave out ${flag}`,
      },
    );
  }
  const wiring = {
    config: now.config ?? kubeletConfig ?? recorded?.config ?? profile.defaults.config,
    binDir: now.binDir ?? binDir ?? recorded?.binDir ?? profile.defaults.binDir,
  };
  for (const path of Object.values(wiring)) requirePlainPath(path);
  return wiring;
}

/** What systemd, shells and the kubelet all read the same way. */
function requirePlainPath(path: string): void {
  if (/^\/[\w./+@:,-]*$/.test(path)) return;
  throw new Failure(
    `install to ${path}: the path is relative, or has characters that flags cannot hold safely`,
    {
      code: "NodeNotUnderstood",
      remedy: "use an absolute path of letters, digits and . _ + @ : , -",
    },
  );
}
