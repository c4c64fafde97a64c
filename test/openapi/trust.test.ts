import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { exchange } from "../../src/openapi/transport.ts";
import { startCloud } from "../cloud/cloud.ts";
import { failureOf, testRun } from "../support/testRun.ts";

const cloud = await startCloud();
const stranger = await startCloud();
afterAll(() => Promise.all([cloud.stop(), stranger.stop()]));

/** `fetch` in a world where `builtIn` is among the runtime's own authorities. Counts the connections tried. */
function worldWith(builtIn: string) {
  const tried: string[] = [];
  const fetchThere = (url: string, init: RequestInit) => {
    const { tls } = init as BunFetchRequestInit;
    const isBuiltIn = tls?.ca === undefined;
    tried.push(isBuiltIn ? "built-in" : "caFile");
    return fetch(url, isBuiltIn ? { ...init, tls: { ...tls, ca: readFileSync(builtIn, "utf8") } } : init);
  };
  return { tried, fetch: fetchThere };
}

const ask = (run: ReturnType<typeof testRun>, url: string) =>
  exchange(run, { method: "GET", url: `${url}/`, headers: {}, timeoutMs: 3000, proxy: "environment" });

test("whoever tls.caFile vouches for is trusted, without asking the built-in roots", async () => {
  const world = worldWith(stranger.caFile);
  const run = testRun({ fetch: world.fetch, config: { tls: { caFile: cloud.caFile } } });
  expect((await ask(run, cloud.endpoints.acr)).status).toBeGreaterThanOrEqual(400);
  expect(world.tried).toEqual(["caFile"]);
});

test("whoever only the built-in roots vouch for is trusted besides", async () => {
  const world = worldWith(stranger.caFile);
  const run = testRun({ fetch: world.fetch, config: { tls: { caFile: cloud.caFile } } });
  expect((await ask(run, stranger.endpoints.acr)).status).toBeGreaterThanOrEqual(400);
  expect(world.tried).toEqual(["caFile", "built-in"]);
  expect(stranger.requests).toHaveLength(1);
});

test("whoever neither vouches for is not", async () => {
  const world = worldWith(cloud.caFile);
  const run = testRun({ fetch: world.fetch, config: { tls: { caFile: cloud.caFile } } });
  const before = stranger.requests.length;
  const failure = await failureOf(ask(run, stranger.endpoints.acr));
  expect(failure).toMatchObject({ code: "TlsUnknownAuthority", transient: false });
  expect(failure.remedy).toContain("tls.caFile");
  expect(stranger.requests).toHaveLength(before);
});
