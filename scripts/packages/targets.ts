/** What packages are built for, each as `npm run build -- --target` takes it, with nfpm's (and Debian's) word for it. */
export const architectures = { "linux-x64": "amd64", "linux-arm64": "arm64" } as const;

export type Target = keyof typeof architectures;
export const targets = Object.keys(architectures) as readonly Target[];
