import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { root } from "../../scripts/project.ts";
import { BIN } from "../install/support/onTree.ts";
import { executable } from "../support/executable.ts";

const folder = `${root}node-config/systemd`;
const units = readdirSync(folder).sort();
const services = units.filter((name) => name.endsWith(".service"));
const textOf = (name: string) => readFileSync(`${folder}/${name}`, "utf8");
/** Below its comments and first sections: what confines a service. */
const confinement = (name: string) =>
  textOf(name)
    .replace(/^.*?(?=# No token in a core dump)/s, "")
    .split("\n\n[Install]")[0]
    ?.trim();

const systemdAnalyze = Bun.which("systemd-analyze");
const PREFETCH = "aliyun-acr-credential-provider-prefetch.service";
const RENEW = "aliyun-acr-credential-provider-renew.service";
const TIMER = "aliyun-acr-credential-provider-renew.timer";

describe("node-config/systemd", () => {
  test("two services and a timer; both services are confined alike", () => {
    expect(units).toEqual([PREFETCH, RENEW, TIMER]);
    expect(confinement(PREFETCH)).toContain("LimitCORE=0");
    expect(confinement(RENEW)).toBe(confinement(PREFETCH));
  });

  test("no kubelet depends on the unit that is before it, and it ends in time", () => {
    const text = textOf(PREFETCH);
    expect(text).toContain("Before=kubelet.service ");
    expect(text).not.toMatch(/^(Requires|RequiredBy|BindsTo|PartOf|OnFailure)=/m);
    expect(text).toMatch(/^TimeoutStartSec=30s$/m);
  });

  describe.skipIf(systemdAnalyze === null)("systemd-analyze (skipped where it is not in PATH)", () => {
    const copies = mkdtempSync(`${tmpdir()}/acr-units-`);
    afterAll(() => rmSync(copies, { recursive: true }));
    for (const name of units)
      writeFileSync(`${copies}/${name}`, textOf(name).replaceAll(BIN, dirname(executable)));

    test("finds nothing wrong with them, and something with a misspelt one", () => {
      expect(analyze("verify", "--man=no", ...units.map((name) => `${copies}/${name}`))).toEqual({
        exitCode: 0,
        said: "",
      });
      const misspelt = `${copies}/misspelt.service`;
      writeFileSync(
        misspelt,
        textOf(RENEW).replaceAll(BIN, dirname(executable)).replace("LimitCORE=", "LimitCOR="),
      );
      expect(analyze("verify", "--man=no", misspelt).said).toContain("LimitCOR");
    });

    test.each(services)("%s has an exposure of at most 2.8 of 10", (name) => {
      const { exitCode, said } = analyze("security", "--offline=true", "--threshold=28", `${copies}/${name}`);
      expect({ exitCode, said: said.split("\n").at(-2) }).toEqual({
        exitCode: 0,
        said: expect.stringContaining("OK"),
      });
    });
  });

  function analyze(...args: string[]) {
    const { exitCode, stdout, stderr } = Bun.spawnSync([systemdAnalyze ?? "", ...args]);
    return { exitCode, said: `${stdout}${stderr}` };
  }
});
