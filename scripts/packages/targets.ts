import type { Target } from "../release/targets.ts";

/** nfpm's (and Debian's) word for what packages are built for. */
export const architectures: Readonly<Record<Target, string>> = {
  "linux-x64": "amd64",
  "linux-arm64": "arm64",
};
