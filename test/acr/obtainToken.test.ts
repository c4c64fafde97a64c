import { beforeEach, describe, expect, test } from "bun:test";
import { obtainToken } from "../../src/acr/obtainToken.ts";
import type { RegistryToken } from "../../src/acr/token.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { Failure } from "../../src/failure/failure.ts";
import { byOneProcess } from "../../src/run/byOneProcess.ts";
import { failureOf, memoryCache, type TestRun, testRun } from "../support/testRun.ts";

const KEY = "one registry";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const START = Date.UTC(2026, 10, 21);
const refused = new Failure("no permission", { code: "NoPermission" });
const down = new Failure("the API is down", { code: "Http503", transient: true });

let now: number;
let cache: ReturnType<typeof memoryCache>;
/** What the API answers; counts. */
let api: { calls: number; answer(run: unknown): RegistryToken };

beforeEach(() => {
  now = START;
  cache = memoryCache(() => now);
  api = { calls: 0, answer: () => tokenOf(60 * MINUTE) };
});

function tokenOf(lifeMs: number, jitter = 0): RegistryToken {
  const password = `password-${api.calls}`;
  return { username: "cr_temp_user", password, issuedAt: now, expiresAt: now + lifeMs, jitter };
}

function newRun(settings: { expiringThresholdMs?: number; cache?: Cache } = {}): TestRun {
  const { expiringThresholdMs = 15 * MINUTE, cache: own = cache } = settings;
  return testRun({ now: () => now, cache: own, config: { expiringThresholdMs } });
}

function obtain(run = newRun()) {
  return obtainToken(run, {
    key: KEY,
    subject: {},
    request: async (within) => {
      api.calls++;
      return api.answer(within);
    },
  });
}

describe("cacheDuration is what remains less the threshold, whole seconds", () => {
  const cases: [string, threshold: number, life: number, age: number, seconds: number][] = [
    ["an hour, 15 min: fresh", 15 * MINUTE, 60 * MINUTE, 0, 45 * 60],
    ["an hour, 15 min: after 10 min", 15 * MINUTE, 60 * MINUTE, 10 * MINUTE, 35 * 60],
    ["an hour, 15 min: half a second later rounds down", 15 * MINUTE, 60 * MINUTE, 500, 45 * 60 - 1],
    ["an hour, threshold longer than half of it", 50 * MINUTE, 60 * MINUTE, 0, 30 * 60],
    ["10 min: half of its life", 15 * MINUTE, 10 * MINUTE, 0, 5 * 60],
    ["4 s: half of its life", 15 * MINUTE, 4 * SECOND, 0, 2],
    ["1 s: nothing is left to keep", 15 * MINUTE, 1 * SECOND, 0, 0],
    ["no threshold: all of it", 0, 60 * MINUTE, 0, 60 * 60],
  ];
  test.each(cases)("%s", async (_name, expiringThresholdMs, life, age, seconds) => {
    api.answer = () => tokenOf(life);
    const first = await obtain(newRun({ expiringThresholdMs }));
    now += age;
    const obtained = age === 0 ? first : await obtain(newRun({ expiringThresholdMs }));
    expect(obtained.cacheDurationSeconds).toBe(seconds);
    expect(api.calls).toBe(1);
  });
});

describe("renewal", () => {
  const cases: [string, life: number, jitter: number, renewsAfter: number][] = [
    ["no jitter: at the threshold", 60 * MINUTE, 0, 45 * MINUTE],
    ["half: a quarter of the threshold later", 60 * MINUTE, 0.5, 48.75 * MINUTE],
    ["the most: half of the threshold later", 60 * MINUTE, 0.999999, 52.5 * MINUTE],
    ["a threshold of 5 min is spread", 10 * MINUTE, 0.6, 6.5 * MINUTE],
    ["a shorter one is not", 9 * MINUTE, 0.6, 4.5 * MINUTE],
  ];
  test.each(cases)("%s", async (_name, life, jitter, renewsAfter) => {
    api.answer = () => tokenOf(life, jitter);
    await obtain();
    now = START + renewsAfter - 50;
    expect((await obtain()).cache).toBe("hit");
    now = START + renewsAfter + 50;
    expect((await obtain()).cache).toBe("miss");
    expect(api.calls).toBe(2);
  });

  test("between threshold and renewal the kubelet keeps the token until the renewal", async () => {
    api.answer = () => tokenOf(60 * MINUTE, 0.5);
    await obtain();
    now += 46 * MINUTE;
    expect(await obtain()).toMatchObject({ cache: "hit", cacheDurationSeconds: 165 });
  });

  test("1,000 nodes of one moment renew over seven minutes, not at once", async () => {
    const moments = new Set<number>();
    for (let node = 0; node < 1000; node++) {
      cache = memoryCache(() => now);
      now = START;
      api.answer = () => tokenOf(60 * MINUTE, (node + 1) / 1001);
      await obtain();
      now = START + 45 * MINUTE;
      moments.add(Math.floor((await obtain()).cacheDurationSeconds / 10));
    }
    expect(moments.size).toBe(45);
  });

  test("an expired token is never given out", async () => {
    api.answer = () => tokenOf(60 * MINUTE, 0.999);
    await obtain();
    now += 60 * MINUTE;
    expect((await obtain()).cache).toBe("miss");
  });
});

describe("when the renewal fails", () => {
  const cases: [string, left: number, failure: Failure, seconds: number | undefined][] = [
    ["a passing failure, 10 min left", 10 * MINUTE, down, 60],
    ["a refusal, 10 min left", 10 * MINUTE, refused, 60],
    ["90 s left: until a minute before the end", 90 * SECOND, down, 30],
    ["61 s left", 61 * SECOND, down, 1],
    ["a minute left: the failure", 60 * SECOND, down, undefined],
    ["10 s left: the failure", 10 * SECOND, refused, undefined],
  ];
  test.each(cases)("%s", async (_name, left, failure, seconds) => {
    await obtain();
    now += 60 * MINUTE - left;
    api.answer = () => {
      throw failure;
    };
    const run = newRun();
    if (seconds === undefined) {
      expect((await failureOf(obtain(run))).code).toBe(failure.code);
      return;
    }
    const obtained = await obtain(run);
    expect(obtained).toMatchObject({ cache: "stale", cacheDurationSeconds: seconds });
    expect(obtained.token.password).toBe("password-1");
    expect(run.record.warnings.join()).toContain(failure.code);
  });

  test("while it was tried the token may have come to its last minute", async () => {
    await obtain();
    now += 60 * MINUTE - 62 * SECOND;
    api.answer = () => {
      now += 4 * SECOND;
      throw down;
    };
    expect((await failureOf(obtain())).code).toBe("Http503");
  });

  test("with a token to fall back on the attempt has the time of one request, without one all of it", async () => {
    const times: number[] = [];
    api.answer = (run) => {
      times.push((run as TestRun).deadline.remaining());
      return tokenOf(60 * MINUTE);
    };
    await obtain();
    now += 50 * MINUTE;
    await obtain();
    expect(times).toEqual([25_000, 5000]);
  });
});

describe("remembered failures", () => {
  test("a refusal is not asked for again for three seconds, and then is", async () => {
    api.answer = () => {
      throw refused;
    };
    await failureOf(obtain());
    now += 2999;
    expect((await failureOf(obtain())).code).toBe("NoPermission");
    expect(api.calls).toBe(1);
    now += 1;
    await failureOf(obtain());
    expect(api.calls).toBe(2);
  });

  test("hearing of it does not make it last longer", async () => {
    api.answer = () => {
      throw refused;
    };
    await failureOf(obtain());
    for (let second = 0; second < 5; second++) {
      now += 700;
      await failureOf(obtain());
    }
    expect(api.calls).toBe(2);
  });

  test("a session that was refused is known to other registries, and not for longer on their account", async () => {
    let sessions = 0;
    const tokenOfRegistry = (key: string) => {
      const run = newRun();
      const session = () =>
        byOneProcess(run, {
          kind: "session",
          key: "one role",
          kept: async () => undefined,
          obtain: async () => {
            sessions++;
            throw refused;
          },
        });
      return failureOf(obtainToken(run, { key, subject: {}, request: session }));
    };
    await tokenOfRegistry("first");
    now += 2900;
    await tokenOfRegistry("second");
    expect(sessions).toBe(1);
    now += 200;
    await tokenOfRegistry("second");
    expect(sessions).toBe(2);
  });

  test("a passing failure is asked for again by whoever comes after it", async () => {
    api.answer = () => {
      throw down;
    };
    await failureOf(obtain());
    now += 1;
    await failureOf(obtain());
    expect(api.calls).toBe(2);
  });

  test("no secret is in what is remembered", async () => {
    api.answer = (run) => {
      (run as TestRun).secrets.add("canary-secret");
      throw new Failure("refused canary-secret", { code: "NoPermission" });
    };
    await failureOf(obtain());
    expect(JSON.stringify([...cache.entries.values()])).not.toContain("canary-secret");
  });
});

describe("while another process holds the lock", () => {
  /** The cache with a lock that changes hands: what becomes of each look, at last given to this process. */
  function locked(looks: number, holder: (look: number) => number, news?: () => Promise<void>): Cache {
    let look = 0;
    return {
      ...cache,
      tryLock: async () => {
        look++;
        if (look === looks) await news?.();
        return look > looks ? { release: () => {} } : { heldBy: holder(look) };
      },
    };
  }
  const otherStores = (kind: "token" | "failure", key: string, value: unknown) => () =>
    cache.put(kind, key, value, now + 60 * MINUTE);

  test("its token is taken", async () => {
    const shared = locked(3, () => 7, otherStores("token", KEY, tokenOf(60 * MINUTE)));
    expect((await obtain(newRun({ cache: shared }))).cache).toBe("wait");
    expect(api.calls).toBe(0);
  });

  test.each([[refused], [down]])(
    "its failure is taken, be it passing or not: %s",
    async ({ message, code, transient }) => {
      const failure = { message, code, transient, details: {} };
      const shared = locked(3, () => 7, otherStores("failure", `token of ${KEY}`, failure));
      expect((await failureOf(obtain(newRun({ cache: shared })))).code).toBe(code);
      expect(api.calls).toBe(0);
    },
  );

  test("a holder that goes without a word is followed", async () => {
    expect((await obtain(newRun({ cache: locked(3, () => 7) }))).cache).toBe("miss");
    expect(api.calls).toBe(1);
  });

  test("holders that come and go without a result are not waited for in turn", async () => {
    const run = newRun({ cache: locked(Number.POSITIVE_INFINITY, (look) => look) });
    expect((await obtain(run)).cache).toBe("miss");
    expect(run.slept).toHaveLength(3);
  });

  test("the wait ends a moment before the own time does, and says for whom it was", async () => {
    const run = newRun({ cache: locked(Number.POSITIVE_INFINITY, () => 4711) });
    const sleep = run.sleep;
    const waiting: TestRun = {
      ...run,
      sleep: async (ms) => {
        now += ms;
        await sleep(ms);
      },
    };
    const failure = await failureOf(obtain(waiting));
    expect(failure.message).toBe("waited 24.8 s for process 4711, which asks for the same token");
    expect(api.calls).toBe(0);
  });
});
