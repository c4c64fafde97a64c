import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "../resilience/nodes.ts";
import { executable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const at = useSimulatedNode({ identity: accessKey, registries: [corpEntry] });

describe("variables that change the runtime", () => {
  test("NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch the verification of TLS off", async () => {
    at.node.configure({ identity: accessKey, registries: [corpEntry], tls: {} });
    const { status, stderr } = await at.node.pull(IMAGE, { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } });
    expect(status).toBe(1);
    expect(stderr).toContain("TlsUnknownAuthority");
    expect(stderr).not.toContain("Warning");
    expect(at.cloud.requests).toEqual([]);
  });

  for (const value of ["1", "true", "curl"]) {
    test(`BUN_CONFIG_VERBOSE_FETCH=${value} prints nothing`, async () => {
      const result = await at.node.pull(IMAGE, { env: { BUN_CONFIG_VERBOSE_FETCH: value } });
      acceptedPassword(at.cloud, result);
      expect(result.stderr).toBe("");
    });
  }

  test("NODE_OPTIONS has no say", async () => {
    const marker = `${at.node.directory}/loaded`;
    const module = `${at.node.directory}/module.cjs`;
    writeFileSync(module, `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "");`);
    const result = await at.node.pull(IMAGE, { env: { NODE_OPTIONS: `--require ${module}` } });
    acceptedPassword(at.cloud, result);
    expect({ stderr: result.stderr, loaded: existsSync(marker) }).toEqual({ stderr: "", loaded: false });
  });

  test("files of the working directory have no say", async () => {
    const cwd = at.node.directory;
    writeFileSync(`${cwd}/package.json`, '{"type":"module","imports":{"#runtimeFetch":"./no.js"}}');
    writeFileSync(`${cwd}/.env`, "HTTPS_PROXY=http://127.0.0.1:1\nNODE_TLS_REJECT_UNAUTHORIZED=0\n");
    writeFileSync(`${cwd}/bunfig.toml`, 'preload = ["./no.ts"]');
    writeFileSync(`${cwd}/node.config.json`, '{"nodeOptions":{"import":["./no.js"]}}');
    const result = await at.node.pull(IMAGE, { cwd });
    acceptedPassword(at.cloud, result);
    expect(result.stderr).toBe("");
  });

  const noOpenssl = Bun.which("openssl") === null;
  test.skipIf(noOpenssl)("SSL_CERT_DIR adds trusted authorities (needs openssl)", async () => {
    const directory = `${at.node.directory}/certificates`;
    mkdirSync(directory);
    copyFileSync(at.cloud.caFile, `${directory}/ca.pem`);
    const { exitCode } = Bun.spawnSync(["openssl", "rehash", directory]);
    expect(exitCode).toBe(0);
    at.node.configure({ identity: accessKey, registries: [corpEntry], tls: {} });
    acceptedPassword(at.cloud, await at.node.pull(IMAGE, { env: { SSL_CERT_DIR: directory } }));
  });

  for (const variable of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
    test(`${variable} adds trusted authorities`, async () => {
      at.node.configure({ identity: accessKey, registries: [corpEntry], tls: {} });
      acceptedPassword(at.cloud, await at.node.pull(IMAGE, { env: { [variable]: at.cloud.caFile } }));
    });
  }
});

describe("a stdin that is a socket", () => {
  const directory = mkdtempSync(`${tmpdir()}/acr-socket-`);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Runs the executable with a socket as stdin: that is what Node.js, unlike Bun, makes for a child. */
  async function withSocket(request: string, ends: boolean) {
    const script = `
      const [file, ends, command, ...args] = process.argv.slice(1);
      const child = require("node:child_process").spawn(command, args, { stdio: ["pipe", "inherit", "inherit"] });
      child.stdin.on("error", () => {});
      child.stdin.write(require("node:fs").readFileSync(file));
      if (ends === "true") child.stdin.end();
      child.on("exit", (status) => process.exit(status));`;
    const file = `${directory}/request`;
    await Bun.write(file, request);
    const startedAt = performance.now();
    const child = Bun.spawn(
      ["node", "-e", script, file, String(ends), executable, "--config", at.node.configFile],
      {
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [status, stdout, stderr] = [
      await child.exited,
      await new Response(child.stdout).text(),
      await new Response(child.stderr).text(),
    ];
    return { status, stdout, stderr, ms: performance.now() - startedAt };
  }

  test("is read like any other", async () => {
    acceptedPassword(at.cloud, await withSocket(kubeletRequest(IMAGE), true));
  });

  test("is not read beyond the limit", async () => {
    const { status, stderr } = await withSocket("x".repeat(3 * 1024 * 1024), false);
    expect(status).toBe(2);
    expect(stderr).toContain("RequestInvalid");
  });

  test("does not hang the process when it never ends", async () => {
    const { status, stderr, ms } = await withSocket(kubeletRequest(IMAGE), false);
    expect(status).toBe(1);
    expect(stderr).toContain("Timeout");
    expect(ms).toBeLessThan(15_000);
  });
});
