import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { trustedAuthorities } from "../../src/openapi/trust.ts";
import { startCloud } from "../cloud/cloud.ts";
import { testRun } from "./testRun.ts";

test("tls.caFile is trusted besides the built-in roots, which Bun would drop", async () => {
  const cloud = await startCloud();
  const own = readFileSync(cloud.caFile, "utf8");
  const authorities = await trustedAuthorities(testRun({ config: { tls: { caFile: cloud.caFile } } }));
  await cloud.stop();
  expect(authorities).toEqual([...rootCertificates, own]);
});

test("without tls.caFile the runtime's own choice stays", async () => {
  expect(await trustedAuthorities(testRun())).toBeUndefined();
});
