import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { keyA } from "../cloud/defaultWorld.ts";
import { executable, runExecutable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "./nodes.ts";

const at = useSimulatedNode({ identity: accessKey, registries: [corpEntry] });

/** The executable where no file may grow (RLIMIT_FSIZE 0), as on a full disk. */
async function limited(words: string) {
  const script = `ulimit -f 0; exec "${executable}" ${words}`;
  const child = Bun.spawn(["bash", "-c", script], { stdout: "pipe", stderr: "pipe", cwd: at.node.directory });
  const [status, stdout, stderr] = [
    await child.exited,
    await new Response(child.stdout).text(),
    await new Response(child.stderr).text(),
  ];
  return { status, stdout, stderr, ms: 0 };
}

describe("where no file may grow", () => {
  test("a pull goes on without cache and log", async () => {
    writeFileSync(`${at.node.directory}/request`, kubeletRequest(IMAGE));
    acceptedPassword(at.cloud, await limited(`--config "${at.node.configFile}" < request`));
  });

  test("an answer that cannot be written is a failure that says so", async () => {
    writeFileSync(`${at.node.directory}/request`, kubeletRequest(IMAGE));
    const { status, stderr } = await limited(`--config "${at.node.configFile}" < request > answer`);
    expect(status).toBe(1);
    expect(stderr).toContain("code OutputFailed");
    expect(stderr).toContain("RLIMIT_FSIZE");
  });

  test("config import leaves no half of a key, and can be tried again", async () => {
    const item = `- instanceId: cri-corp000000000000\n  regionId: cn-hangzhou\n  customAccessKey: ${keyA.id}\n  customAccessKeySecret: ${keyA.secret}`;
    const configMap = { kind: "ConfigMap", data: { "acr-registry-info": item, "service-account": "*" } };
    const source = `${at.node.directory}/acr-configuration.json`;
    writeFileSync(source, JSON.stringify(configMap), { mode: 0o600 });
    const keys = `${at.node.directory}/keys`;
    const first = await limited(`config import "${source}" --write-keys "${keys}"`);
    expect(first.status).toBe(1);
    expect(first.stderr).toContain("KeysNotWritten");
    expect(first.stderr).toContain("check the directory and its disk");
    expect(readdirSync(`${keys}/key-1`)).toEqual([]);
    // What an older release left behind.
    writeFileSync(`${keys}/key-1/access-key-id`, "", { mode: 0o600 });
    const second = await runExecutable({ args: ["config", "import", source, "--write-keys", keys] });
    expect([second.status, second.stderr.includes("KeysNotWritten")]).toEqual([0, false]);
    expect(readFileSync(`${keys}/key-1/access-key-id`, "utf8").trim()).toBe(keyA.id);
    expect(readFileSync(`${keys}/key-1/access-key-secret`, "utf8").trim()).toBe(keyA.secret);
    expect(existsSync(`${keys}/key-1/security-token`)).toBe(false);
  });
});
