import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { parse } from "yaml";
import { accountB, instanceCorp, keyA, keyB } from "../cloud/defaultWorld.ts";
import { executable, runExecutable } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const at = useSimulatedNode();

const pairs = `apiVersion: v1
kind: ConfigMap
metadata:
  name: acr-configuration
  namespace: kube-system
data:
  acr-registry-info: |-
    - instanceId: ""
      regionId: cn-hangzhou
      customAccessKey: ${keyA.id}
      customAccessKeySecret: ${keyA.secret}
    - instanceId: ${instanceCorp}
      customAccessKey: ${keyB.id}
      customAccessKeySecret: ${keyB.secret}
  service-account: "*"
  watch-namespace: all
`;

function write(text: string, mode = 0o600): string {
  const file = `${at.node.directory}/cm.yaml`;
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const imports = (...args: string[]) => runExecutable({ args: ["config", "import", ...args] });

describe("config import", () => {
  test("prints the native form, with comments where the meaning changed and warnings on stderr", async () => {
    const file = write(`kind: ConfigMap
data:
  acr-registry-info: |
    - instanceId: ${instanceCorp}
  notify-email: a@example.com
`);
    const { status, stdout, stderr } = await imports(file);
    expect(status).toBe(0);
    expect(parse(stdout)).toEqual({
      apiVersion: "aliyun-acr-credential-provider/v1",
      kind: "ProviderConfig",
      registries: [{ instanceId: instanceCorp }],
      access: { namespaces: ["default"], serviceAccounts: ["default"] },
    });
    expect(stdout).toContain("# The helper gave its secret to these service accounts");
    expect(stdout).toMatch(/# .*alibaba-addon-secret(.|\n# )*what the node has/);
    expect(stdout).toContain("Without regionId: it was the cluster's region");
    expect(stderr).toContain("warning: line 5: data.notify-email: has no effect");
    writeFileSync(file, stdout);
    const checked = await runExecutable({ args: ["config", "validate", file] });
    expect({ status: checked.status, valid: checked.stdout.includes("valid") }).toEqual({
      status: 0,
      valid: true,
    });
  });

  test("takes it from stdin too", async () => {
    const { status, stdout } = await runExecutable({ args: ["config", "import", "-"], stdin: pairs });
    expect(status).toBe(0);
    expect(parse(stdout).registries).toHaveLength(2);
  });

  test("an AccessKey pair is never printed, and stderr says where it belongs", async () => {
    const { status, stdout, stderr } = await imports(write(pairs, 0o644));
    expect(status).toBe(0);
    expect(parse(stdout).registries[1].identity).toEqual({
      source: "accessKey",
      directory: "/etc/aliyun-acr-credential-provider/keys/key-2",
    });
    for (const { secret } of [keyA, keyB]) expect(`${stdout}${stderr}`).not.toContain(secret);
    expect(stderr).toContain(
      "import with --write-keys DIR, or fill /etc/aliyun-acr-credential-provider/keys/key-1",
    );
    expect(stderr).toContain("open to group or others");
  });

  test("--write-keys writes private files, which the printed config names and the plugin reads", async () => {
    const keys = `${at.node.directory}/a/keys`;
    const { status, stdout, stderr } = await imports(write(pairs), "--write-keys", keys);
    expect({ status, stderr: stderr.includes("still to be made") }).toEqual({ status: 0, stderr: false });
    expect(stdout).not.toContain(keyA.secret);
    for (const folder of [keys, `${keys}/key-1`, `${keys}/key-2`])
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(`${keys}/key-2/access-key-id`, "utf8").trim()).toBe(keyB.id);
    expect(readFileSync(`${keys}/key-2/access-key-secret`, "utf8").trim()).toBe(keyB.secret);
    expect(statSync(`${keys}/key-2/access-key-secret`).mode & 0o777).toBe(0o600);

    const { registries } = parse(stdout);
    at.node.configure({ registries });
    const host = "registry.cn-hangzhou.aliyuncs.com";
    const { auth } = JSON.parse((await at.node.pull(`${host}/apps/web`)).stdout);
    expect(at.cloud.acceptsRegistryLogin(auth[host].username, auth[host].password)?.edition).toBe("personal");
    expect(at.cloud.requests.at(-1)?.accessKeyId).toBe(keyA.id);
  });

  test("a second time nothing changes; files that hold something else stay as they are", async () => {
    const keys = `${at.node.directory}/keys`;
    await imports(write(pairs), "--write-keys", keys);
    chmodSync(`${keys}/key-1/access-key-id`, 0o644);
    const again = await imports(write(pairs), "--write-keys", keys);
    expect(again.status).toBe(0);
    expect(statSync(`${keys}/key-1/access-key-id`).mode & 0o777).toBe(0o600);

    const other = await imports(write(pairs.replaceAll(keyB.secret, keyA.secret)), "--write-keys", keys);
    expect({ status: other.status, stdout: other.stdout }).toEqual({ status: 1, stdout: "" });
    expect(other.stderr).toContain(`${keys}/key-2/access-key-secret holds something else already`);
    expect(readFileSync(`${keys}/key-2/access-key-secret`, "utf8").trim()).toBe(keyB.secret);
  });

  test("what a killed attempt of the same process id left does not stand in the way", async () => {
    const keys = `${at.node.directory}/keys`;
    mkdirSync(`${keys}/key-1`, { recursive: true, mode: 0o700 });
    const leave = `echo half > "${keys}/key-1/access-key-id.$$.tmp"`;
    const command = `${leave}; exec "${executable}" config import "${write(pairs)}" --write-keys "${keys}"`;
    expect(Bun.spawnSync(["sh", "-c", command]).exitCode).toBe(0);
    expect(readFileSync(`${keys}/key-1/access-key-id`, "utf8").trim()).toBe(keyA.id);
  });

  test.each<[string, (keys: string) => void, string]>([
    [
      "a link for the directory",
      (keys) => {
        mkdirSync(`${keys}-real`);
        symlinkSync(`${keys}-real`, keys);
      },
      "symbolic link",
    ],
    [
      "a link for a folder of it",
      (keys) => {
        mkdirSync(`${keys}/real`, { recursive: true });
        symlinkSync("real", `${keys}/key-1`);
      },
      "symbolic link",
    ],
    [
      "a link for a file",
      (keys) => {
        mkdirSync(`${keys}/key-1`, { recursive: true });
        symlinkSync("/dev/null", `${keys}/key-1/access-key-id`);
      },
      "symbolic link",
    ],
    [
      "a dangling link for a file",
      (keys) => {
        mkdirSync(`${keys}/key-1`, { recursive: true });
        symlinkSync("nowhere", `${keys}/key-1/access-key-id`);
      },
      "symbolic link",
    ],
    [
      "a directory that others may change",
      (keys) => {
        mkdirSync(keys);
        chmodSync(keys, 0o777);
      },
      "chmod go-w",
    ],
    ["a file for the directory", (keys) => writeFileSync(keys, ""), "not a directory"],
  ])("%s is refused, and nothing is written", async (_name, prepare, words) => {
    const keys = `${at.node.directory}/keys`;
    prepare(keys);
    const { status, stdout, stderr } = await imports(write(pairs), "--write-keys", keys);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain(keyA.secret);
    expect(existsSync(`${keys}/key-1/access-key-secret`)).toBe(false);
  });

  test.each([
    [
      "a native config",
      "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\n",
      "it is a ProviderConfig already",
    ],
    [
      "another ConfigMap's keys",
      "kind: ConfigMap\ndata:\n  watch-namespaces: all\n",
      "did you mean watch-namespace?",
    ],
    ["what is not YAML", "kind: ConfigMap\ndata: [\n", "is not valid YAML"],
    ["nothing", "", "is empty"],
  ])("%s is an error with status 2", async (_name, text, words) => {
    const { status, stdout, stderr } = await imports(write(text));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(words);
  });

  test.each([
    [["config", "import"], "takes FILE"],
    [["config", "import", "/nowhere/cm.yaml"], "it does not exist"],
  ])("%p is an error with status 2", async (args, words) => {
    const { status, stderr } = await runExecutable({ args });
    expect(status).toBe(2);
    expect(stderr).toContain(words);
  });

  test("RRSA: the comment says whose token it is now", async () => {
    const { stdout, stderr } = await imports(
      write(`kind: ConfigMap
data:
  rrsa: |
    enable: true
  acr-registry-info: |
    - instanceId: ${instanceCorp}
      rrsaRoleARN: acs:ram::1609982529000000:role/pod-puller
      rrsaOIDCProviderRoleARN: acs:ram::1609982529000000:oidc-provider/ack-rrsa-example
      assumeRoleARN: acs:ram::${accountB}:role/role-acr
`),
    );
    expect(stdout).toMatch(
      /# the helper assumed the role with its own service account.*\n( +# .*\n)* +identity:/,
    );
    expect(stderr).toContain("trust policy must admit them");
  });
});
