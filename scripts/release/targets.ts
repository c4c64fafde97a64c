/** What executables are made for, as `npm run build -- --target` takes it, with the package of Bun that runs there. */
export const runtimePackages = {
  "linux-x64": "@oven/bun-linux-x64",
  "linux-arm64": "@oven/bun-linux-aarch64",
} as const;

export type Target = keyof typeof runtimePackages;
export const targets = Object.keys(runtimePackages) as readonly Target[];
