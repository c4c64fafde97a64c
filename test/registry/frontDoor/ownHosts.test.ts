import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { accountA, defaultWorld } from "../../cloud/defaultWorld.ts";
import { opened } from "../../migration/support/opened.ts";
import { useSimulatedNode } from "../../support/simulatedNode.ts";

const HOST = "crpi-abc123.cn-hangzhou.personal.cr.aliyuncs.com";
const VPC = "crpi-abc123-vpc.cn-hangzhou.personal.cr.aliyuncs.com";

const at = useSimulatedNode();
beforeEach(() => {
  Object.assign(at.cloud.world, defaultWorld());
});

describe("Personal Edition instances with a host of their own (crpi-…)", () => {
  test.each([
    ["without config", {}],
    ["with a Personal entry of the region", { registries: [{ regionId: "cn-hangzhou" }] }],
    ["with discovery", { discovery: "always" }],
    ["with an entry for another such host", { registries: [{ domains: [VPC] }] }],
  ])("%s: the failure shows both ways, and nobody is asked", async (_name, native) => {
    at.node.configure(native);
    const { status, stdout, stderr } = await at.node.pull(`${HOST}/apps/web`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    for (const words of [
      "documents no token API",
      `"- domains: [${HOST}]"`,
      "fixedCredentials: {directory: /etc/aliyun-acr-credential-provider/fixed}",
      "files username and password",
    ]) {
      expect(stderr).toContain(words);
    }
    expect(at.cloud.requests).toEqual([]);
  });

  test.each([[HOST], [VPC]])(
    "an entry that names %s tries the Personal Edition's API of its region",
    async (host) => {
      at.node.configure({ registries: [{ domains: [HOST, VPC] }] });
      expect(opened(at.cloud, await at.node.pull(`${host}/apps/web`), host)).toBe(`personal ${accountA}`);
      expect(at.node.log().at(-1)).toMatchObject({ edition: "personal", regionId: "cn-hangzhou" });
    },
  );

  test("where that API refuses, the failure says what is left", async () => {
    at.cloud.world.personalInstances = [];
    at.node.configure({ registries: [{ domains: [HOST] }] });
    const { status, stderr } = await at.node.pull(`${HOST}/apps/web`);
    expect(status).toBe(1);
    for (const words of ["USER_NOT_EXIST", HOST, "fixedCredentials"]) expect(stderr).toContain(words);
  });

  test("fixed credentials are read at every run, and kept for five minutes", async () => {
    const directory = fixed("somebody", "CANARY-fixed");
    at.node.configure({ registries: [{ domains: [HOST], fixedCredentials: { directory } }] });
    for (const password of ["CANARY-fixed", "CANARY-rotated"]) {
      writeFileSync(`${directory}/password`, password);
      const { stdout } = await at.node.pull(`${HOST}/apps/web`);
      expect(JSON.parse(stdout)).toMatchObject({
        cacheDuration: "300s",
        auth: { [HOST]: { username: "somebody", password } },
      });
    }
    expect(at.cloud.requests).toEqual([]);
  });

  test.each<[string, (directory: string) => void, string]>([
    ["open to others", (directory) => chmodSync(`${directory}/password`, 0o644), "chmod 0600"],
    ["empty", (directory) => writeFileSync(`${directory}/username`, "\n"), "it is empty"],
  ])("a file that is %s is no credential", async (_name, spoil, words) => {
    const directory = fixed("somebody", "CANARY-fixed");
    spoil(directory);
    at.node.configure({ registries: [{ domains: [HOST], fixedCredentials: { directory } }] });
    const { status, stderr } = await at.node.pull(`${HOST}/apps/web`);
    expect(status).not.toBe(0);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("CANARY");
  });

  test("the reason is whole: no region where there is none, and no word of ours is masked", async () => {
    const directory = fixed("somebody", "CANARY-fixed");
    rmSync(`${directory}/password`);
    at.node.configure({ registries: [{ domains: ["hub.example.com"], fixedCredentials: { directory } }] });
    const { stderr } = await at.node.pull("hub.example.com/apps/web");
    expect(stderr).toStartWith(
      "unable to get credentials for hub.example.com/apps/web (Personal Edition): " +
        `read ${directory}/password (fixed credentials): it does not exist (code SecretFileUnreadable)`,
    );
  });

  function fixed(username: string, password: string): string {
    const directory = `${at.node.directory}/fixed`;
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(`${directory}/username`, `${username}\n`, { mode: 0o600 });
    writeFileSync(`${directory}/password`, `${password}\n`, { mode: 0o600 });
    return directory;
  }
});
