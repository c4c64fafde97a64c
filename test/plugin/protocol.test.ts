import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { executable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const HOST = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const IMAGE = `${HOST}/apps/web`;
const versions = ["v1", "v1beta1", "v1alpha1"] as const;

const at = useSimulatedNode({}, { tokenLifeMs: 3_600_000 });

/** The exact bytes that the kubelet must get for the token that the simulated ACR has issued last. */
function golden(version: string, host: string, seconds: number): string {
  const { username, password } = at.cloud.issuedTokens.at(-1) ?? { username: "", password: "" };
  const auth = `{"${host}":{"username":"${username}","password":"${password}"}}`;
  return `{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/${version}","cacheKeyType":"Registry","cacheDuration":"${seconds}s","auth":${auth}}\n`;
}

function seconds(stdout: string): number {
  return Number(/"cacheDuration":"(\d+)s"/.exec(stdout)?.[1]);
}

describe("the answer, byte for byte", () => {
  test.each(versions)("%s is answered in %s", async (version) => {
    const { status, stdout, stderr } = await at.node.pull(IMAGE, { version });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(golden(version, HOST, seconds(stdout)));
    expect(seconds(stdout)).toBeGreaterThanOrEqual(2690);
    expect(seconds(stdout)).toBeLessThanOrEqual(2700);
  });

  test.each(versions)(
    "%s: a host that is not ours gets an empty answer that is not cached",
    async (version) => {
      const { status, stdout } = await at.node.pull("docker.io/library/nginx", { version });
      expect(status).toBe(0);
      expect(stdout).toBe(
        `{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/${version}","cacheKeyType":"Registry","cacheDuration":"0s","auth":{}}\n`,
      );
    },
  );

  test.each([
    ["a tag", `${IMAGE}:1.2`, HOST],
    ["a digest", `${IMAGE}@sha256:${"0".repeat(64)}`, HOST],
    ["a tag and a digest", `${IMAGE}:1.2@sha256:${"0".repeat(64)}`, HOST],
    ["port 443", `${HOST}:443/apps/web`, `${HOST}:443`],
    [
      "upper case, kept as it was sent",
      "Corp-Registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
      "Corp-Registry.cn-hangzhou.cr.aliyuncs.com",
    ],
  ])("an image with %s", async (_name, image, host) => {
    const { status, stdout } = await at.node.pull(image);
    expect(status).toBe(0);
    expect(stdout).toBe(golden("v1", host, seconds(stdout)));
  });

  test("unknown request fields are ignored", async () => {
    const request = { ...JSON.parse(kubeletRequest(IMAGE)), podName: "web-0", extra: { deep: [1, 2] } };
    const { status, stdout } = await at.node.run([], { stdin: JSON.stringify(request) });
    expect(status).toBe(0);
    expect(stdout).toBe(golden("v1", HOST, seconds(stdout)));
  });
});

describe("run as the kubelet and others run it", () => {
  test("through a symbolic link, by another name, from another directory", async () => {
    mkdirSync(`${at.node.directory}/bin`);
    symlinkSync(executable, `${at.node.directory}/bin/acr-with-service-accounts`);
    const { status, stdout } = await at.node.pull(IMAGE, {
      path: `${at.node.directory}/bin/acr-with-service-accounts`,
      cwd: at.node.directory,
    });
    expect(status).toBe(0);
    expect(stdout).toBe(golden("v1", HOST, seconds(stdout)));
  });

  test("with the request written byte by byte", async () => {
    const { status } = await at.node.pull(IMAGE, { write: "bytes" });
    expect(status).toBe(0);
  });

  test("without the newline at the end", async () => {
    const { status } = await at.node.run([], { stdin: kubeletRequest(IMAGE).trimEnd() });
    expect(status).toBe(0);
  });

  test("with stdin from a file", async () => {
    const file = `${at.node.directory}/request.json`;
    await Bun.write(file, kubeletRequest(IMAGE));
    const { status, stdout } = await shell(`exec "$0" --config "$1" < "$2"`, [
      executable,
      at.node.configFile,
      file,
    ]);
    expect(status).toBe(0);
    expect(stdout).toBe(golden("v1", HOST, seconds(stdout)));
  });

  test("with stderr closed, whether it succeeds or fails", async () => {
    const good = await shell(`printf %s "$2" | "$0" --config "$1" 2>&-`, [
      executable,
      at.node.configFile,
      kubeletRequest(IMAGE),
    ]);
    expect(good.status).toBe(0);
    expect(good.stdout).toBe(golden("v1", HOST, seconds(good.stdout)));
    const bad = await shell(`printf nonsense | "$0" --config "$1" 2>&-`, [executable, at.node.configFile]);
    expect(bad).toEqual({ status: 2, stdout: "" });
  });

  test("with a terminal on stdin it prints usage and does not wait", async () => {
    const result = await shell(`script -qec "$0" /dev/null < /dev/null`, [executable]);
    if (result.status === 127) return console.warn("skipped: no script(1) to make a terminal with");
    expect(result.status).toBe(2);
    expect(result.stdout).toContain("Usage: aliyun-acr-credential-provider");
  });
});

/** Runs a shell line as `/bin/sh -c`; `$0`, `$1`… are the arguments. */
async function shell(line: string, args: string[]): Promise<{ status: number; stdout: string }> {
  const child = Bun.spawn(["/bin/sh", "-c", line, ...args], {
    stdin: "ignore",
    stderr: "ignore",
    env: { PATH: "/usr/bin:/bin" },
  });
  const stdout = await new Response(child.stdout).text();
  return { status: await child.exited, stdout };
}
