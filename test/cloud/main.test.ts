import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("the cloud as a process: state, control, stop with stdin", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloud-main-"));
  const state = join(directory, "state.json");
  writeFileSync(state, JSON.stringify({ node: { regionId: "eu-central-1" }, tokenLifeMs: 60_000 }));
  const main = join(import.meta.dir, "main.ts");
  const cloud = Bun.spawn([process.execPath, main, "--state", state, "--listen", "api=127.0.0.2:0"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  const first = await cloud.stdout.getReader().read();
  const { control, endpoints } = JSON.parse(new TextDecoder().decode(first.value));
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${control}${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  // biome-ignore lint/suspicious/noExplicitAny: JSON of every shape
  const read = async (path: string): Promise<any> => (await fetch(`${control}${path}`)).json();

  expect(endpoints.api).toMatch(/^https:\/\/127\.0\.0\.2:\d+$/);
  expect((await read("/model")).node.regionId).toBe("eu-central-1");
  await post("/faults", { operation: "CredentialsUri", kind: "status", status: 500 });
  expect((await fetch(endpoints.credentialsUri)).status).toBe(500);
  expect(await read("/requests?operation=CredentialsUri")).toHaveLength(1);
  await post("/reset", {});
  expect((await fetch(endpoints.credentialsUri)).status).toBe(200);
  await post("/model", { node: { roleName: null } });
  expect((await read("/model")).node.roleName).toBeUndefined();
  expect((await post("/clock", { skewMs: 5000 })).body).toMatchObject({ skewMs: 5000 });
  expect((await post("/issued", { username: "cr_temp_user", password: "x" })).status).toBe(404);
  expect((await post("/certificate", { hosts: ["127.0.0.1"] })).body).toHaveProperty("cert");
  expect((await post("/nothing", {})).status).toBe(404);

  cloud.stdin.end();
  expect(await cloud.exited).toBe(0);
  rmSync(directory, { recursive: true });
});
