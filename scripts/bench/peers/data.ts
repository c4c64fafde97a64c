/** At most so many rounds of what takes a second: the tasks with 5,000 registries. */
export const SLOW_ROUNDS = 7;
/** At most so many herds of a kind. */
export const HERD_REPEATS = 5;

/** What one run of `npm run bench -- --peers` measured; docs/performance.md is made of it. */
export interface PerformanceData {
  /** ISO date. */
  readonly day: string;
  /** How often each process ran. */
  readonly rounds: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly kernel: string;
    /** The load of the last minute before the run began. */
    readonly load: number;
  };
  /** By program. */
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes of each executable. */
  readonly sizes: Readonly<Record<Who, number>>;
  readonly timings: readonly TimingRow[];
  readonly herds: readonly HerdRow[];
}

/** `floor`: an empty Bun executable; `true`: /bin/true. */
export type Who = "floor" | "true" | "ours" | "minimal" | "ecr" | "acrHelper";

export const names: Readonly<Record<Who, string>> = {
  floor: "an empty Bun executable",
  true: "/bin/true",
  ours: "ours",
  minimal: "minimal Go plugin",
  ecr: "ECR's plugin",
  acrHelper: "docker-credential-acr-helper",
};

/** What a process has to do. */
export const tasks = {
  nothing: "nothing",
  version: "`--version`",
  refuse: "an image that is not its own",
  hit: "a kept token",
  hitJson: "a kept token, config in JSON",
  hitUnkept: "a kept token, the config parsed anew",
  httpCall: "one token call, HTTP",
  call: "one token call, TLS",
  firstCall: "one token call, TLS, nothing kept",
  proxyCall: "one token call, TLS through a proxy",
  chain: "a role assumed, then one token call, TLS",
  hit100: "a kept token, 100 registries",
  hit5000: "a kept token, 5,000 registries",
  call5000: "one token call, TLS, 5,000 registries, nothing kept",
  hitFull: "a kept token among 10,000 entries",
  coldNothing: "nothing, its pages not in memory",
  coldHit: "a kept token, its pages not in memory",
  coldCall: "one token call, TLS, its pages not in memory",
} as const;
export type Task = keyof typeof tasks;

export interface TimingRow {
  readonly task: Task;
  readonly who: Who;
  readonly wallMs: { readonly median: number; readonly p95: number };
  readonly cpuMs: number;
  /** When the answer is written; absent where it was not measured. */
  readonly peakMiB?: number;
}

export interface HerdRow {
  readonly who: Who;
  readonly size: number;
  /** `warm`: the token is kept already. */
  readonly state: "cold" | "warm";
  /** What the API takes for an answer. */
  readonly apiMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly calls: number;
}

/** To two digits after the point, as all figures are kept. */
export const rounded = (value: number) => Math.round(value * 100) / 100;
