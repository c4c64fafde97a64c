import { beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { decodeEntry, fileCache, type StoredEntry } from "../../src/cache/fileCache.ts";
import type { KeptConfig } from "../../src/config/keptConfig.ts";
import { instanceCorp, keyA } from "../cloud/defaultWorld.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const role = { source: "ecsRamRole" };

const at = useSimulatedNode({ registries, identity: role });

function keptFiles(): string[] {
  if (!existsSync(at.node.cacheDirectory)) return [];
  return readdirSync(at.node.cacheDirectory)
    .filter((name) => name.startsWith("config-"))
    .map((name) => `${at.node.cacheDirectory}/${name}`);
}

function keptEntry(): StoredEntry & { value: KeptConfig } {
  const [file = ""] = keptFiles();
  const entry = decodeEntry(readFileSync(file, "utf8"));
  if (entry === undefined) throw new Error("no config is kept");
  return entry as StoredEntry & { value: KeptConfig };
}

/** Changes what is kept, as no one but the node's root could, so that its use shows. */
async function changeKept(change: (kept: KeptConfig) => KeptConfig): Promise<void> {
  const { key, value, expiresAt } = keptEntry();
  const warn = (message: string) => {
    throw new Error(message);
  };
  const cache = fileCache({ directory: at.node.cacheDirectory, now: Date.now, warn });
  await cache.put("config", key, change(value), expiresAt);
}

/** A log in another place shows that the config which names it was in force. */
const elsewhere = () => `${at.node.directory}/elsewhere.log`;
const loggingElsewhere = (kept: KeptConfig, more = {}): KeptConfig => {
  const config = JSON.parse(kept.config);
  return {
    ...kept,
    config: JSON.stringify({ ...config, ...more, log: { ...config.log, file: elsewhere() } }),
  };
};

async function pull(): Promise<void> {
  const { status, stderr } = await at.node.pull(IMAGE);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

describe("a config that has not changed", () => {
  test("is kept with the token, as private, and taken by the next run", async () => {
    await pull();
    expect(keptFiles()).toHaveLength(1);
    expect(statSync(keptFiles()[0] ?? "").mode & 0o777).toBe(0o600);
    await changeKept((kept) => loggingElsewhere(kept));
    await pull();
    expect(JSON.parse(readFileSync(elsewhere(), "utf8"))).toMatchObject({ cache: "hit", level: "info" });
  });

  test("is taken for images of others too", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    expect((await at.node.pull("docker.io/library/nginx")).status).toBe(0);
    expect(JSON.parse(readFileSync(elsewhere(), "utf8"))).toMatchObject({ outcome: "notOurs" });
  });

  test("still has the flags over it", async () => {
    await pull();
    const file = `${at.node.directory}/flag.log`;
    await at.node.pull(IMAGE, { args: ["--log-file", file] });
    expect(existsSync(file)).toBe(true);
  });

  test("is not written by a hit, which writes nothing", async () => {
    await pull();
    for (const file of keptFiles()) rmSync(file);
    await pull();
    expect(keptFiles()).toEqual([]);
  });

  test("is nothing that was obtained, to cache list, and forgotten by cache clear", async () => {
    await pull();
    const { stdout } = await at.node.run(["cache", "list", "--output", "json"]);
    expect(JSON.parse(stdout).entries).toMatchObject([{ kind: "token" }]);
    await at.node.run(["cache", "clear"]);
    expect(keptFiles()).toEqual([]);
  });
});

describe("a kept config is not taken", () => {
  test("once the file has changed, also by a letter, within its size and its time", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    const { atime, mtime } = statSync(at.node.configFile);
    const before = readFileSync(at.node.configFile, "utf8");
    writeFileSync(at.node.configFile, before.replace("instanceName: corp", "instanceName: korp"));
    utimesSync(at.node.configFile, atime, mtime);
    await at.node.pull(IMAGE);
    expect(existsSync(elsewhere())).toBe(false);
    writeFileSync(at.node.configFile, before);
    await pull();
    expect(existsSync(elsewhere())).toBe(true);
  });

  test("once the file has another mode", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    chmodSync(at.node.configFile, 0o640);
    await pull();
    expect(existsSync(elsewhere())).toBe(false);
  });

  test("where the file has become wrong", async () => {
    await pull();
    writeFileSync(at.node.configFile, `${readFileSync(at.node.configFile, "utf8")}registrys: []\n`);
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(2);
    expect(stderr).toContain("registrys");
  });

  test("of another release", async () => {
    await pull();
    await changeKept((kept) => ({ ...loggingElsewhere(kept), form: "0000000000000000" }));
    await pull();
    expect(existsSync(elsewhere())).toBe(false);
    expect(at.node.log().at(-1)?.level).toBe("info");
  });

  test("that names another cache than the one it lay in", async () => {
    await pull();
    const cache = { enabled: true, directory: `${at.node.directory}/other` };
    await changeKept((kept) => loggingElsewhere(kept, { cache }));
    await pull();
    expect(existsSync(elsewhere())).toBe(false);
  });

  test("that is damaged, which the log says", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    const [file = ""] = keptFiles();
    writeFileSync(file, readFileSync(file, "utf8").replace("elsewhere", "elsewhare"));
    await pull();
    expect(existsSync(elsewhere())).toBe(false);
    expect(String(at.node.log().at(-1)?.warnings)).toContain("damaged or foreign");
  });

  test("from a directory that others can write to, nor from a file that they can read", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    const [file = ""] = keptFiles();
    chmodSync(file, 0o644);
    await pull();
    chmodSync(file, 0o600);
    chmodSync(at.node.cacheDirectory, 0o777);
    await pull();
    expect(existsSync(elsewhere())).toBe(false);
  });
});

describe("an AccessKey in the config", () => {
  const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
  beforeEach(() => at.node.configure({ registries, identity }));

  test("is not in what is kept, and comes from the file", async () => {
    await pull();
    expect(keptFiles()).toHaveLength(1);
    for (const name of readdirSync(at.node.cacheDirectory)) {
      expect(readFileSync(`${at.node.cacheDirectory}/${name}`, "utf8")).not.toContain(keyA.secret);
    }
    await changeKept((kept) => loggingElsewhere(kept));
    const other = "docker.io/library/nginx";
    await at.node.pull(other);
    expect(JSON.parse(readFileSync(elsewhere(), "utf8"))).toMatchObject({ outcome: "notOurs" });
    for (const name of readdirSync(at.node.cacheDirectory)) {
      if (name.startsWith("token-")) rmSync(`${at.node.cacheDirectory}/${name}`);
    }
    await pull();
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
  });

  test("is masked in what a run with a kept config says of it", async () => {
    await pull();
    const file = `${at.node.directory}/${keyA.secret}`;
    await changeKept((kept) => ({
      ...kept,
      config: JSON.stringify({ ...JSON.parse(kept.config), tls: { caFile: file } }),
    }));
    for (const name of readdirSync(at.node.cacheDirectory)) {
      if (name.startsWith("token-")) rmSync(`${at.node.cacheDirectory}/${name}`);
    }
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(2);
    expect(stderr).toContain("tls.caFile");
    expect(stderr).not.toContain(keyA.secret);
  });

  test("that has been replaced by one of its length counts at once", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    const text = readFileSync(at.node.configFile, "utf8");
    const other = `${keyA.secret.slice(0, -1)}Z`;
    writeFileSync(at.node.configFile, text.replace(keyA.secret, other));
    for (const name of readdirSync(at.node.cacheDirectory)) {
      if (name.startsWith("token-")) rmSync(`${at.node.cacheDirectory}/${name}`);
    }
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(1);
    expect(stderr).toContain("SignatureDoesNotMatch");
    expect(existsSync(elsewhere())).toBe(true);
  });
});

describe("never kept", () => {
  test("is one without a cache", async () => {
    at.node.configure({
      registries,
      identity: role,
      cache: { enabled: false, directory: at.node.cacheDirectory },
    });
    await pull();
    expect(keptFiles()).toEqual([]);
  });

  test("nor is the directory of a cache that is off looked at", async () => {
    writeFileSync(at.node.cacheDirectory, "");
    at.node.configure({
      registries,
      identity: role,
      cache: { directory: at.node.cacheDirectory, enabled: false },
    });
    await pull();
    expect(at.node.log().at(-1)).toMatchObject({ level: "info", outcome: "credentials" });
  });
});

test("it is kept while the API is asked, so that an outage does not have every pull parse the file", async () => {
  at.cloud.faults.set({
    operation: "GetAuthorizationToken",
    kind: "error",
    code: "NoPermission",
    status: 403,
  });
  expect((await at.node.pull(IMAGE)).status).toBe(1);
  expect(keptFiles()).toHaveLength(1);
});

describe("a config of thousands of registries", () => {
  const many = Array.from({ length: 1000 }, (_, index) => ({
    instanceId: `cri-other${String(index).padStart(11, "0")}`,
    instanceName: `other-${index}`,
    regionId: "cn-hangzhou",
  }));
  const all = [...many, ...registries];
  const VPC_IMAGE = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/apps/web";
  beforeEach(() => at.node.configure({ registries: all, identity: role }));

  test("is kept with the one registry that the host leads to, and taken for that host", async () => {
    await pull();
    expect(keptFiles()).toHaveLength(1);
    const { config } = keptEntry().value;
    expect(JSON.parse(config).registries).toMatchObject([{ path: "registries[1000]", instanceName: "corp" }]);
    expect(statSync(keptFiles()[0] ?? "").size).toBeLessThan(8192);
    await changeKept((kept) => loggingElsewhere(kept));
    await pull();
    expect(JSON.parse(readFileSync(elsewhere(), "utf8"))).toMatchObject({ cache: "hit", level: "info" });
  });

  test("is read whole for another host", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    expect((await at.node.pull(VPC_IMAGE)).status).toBe(0);
    expect((await at.node.pull("docker.io/library/nginx")).status).toBe(0);
    expect(existsSync(elsewhere())).toBe(false);
  });

  test("is read whole once a letter of it has changed, within its size", async () => {
    await pull();
    await changeKept((kept) => loggingElsewhere(kept));
    const before = readFileSync(at.node.configFile, "utf8");
    writeFileSync(at.node.configFile, before.replace("other-999", "other-xyz"));
    await pull();
    expect(existsSync(elsewhere())).toBe(false);
  });

  test("is not kept where another registry makes the kubelet send service account tokens", async () => {
    const identity = {
      source: "serviceAccountToken",
      roleArn: "acs:ram::1234567890123456:role/pods",
      oidcProviderArn: "acs:ram::1234567890123456:oidc-provider/cluster",
    };
    at.node.configure({ registries: [{ ...many[0], identity }, ...all.slice(1)], identity: role });
    await pull();
    expect(keptFiles()).toEqual([]);
  });

  test("is not kept with a secret in it", async () => {
    const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
    at.node.configure({ registries: all, identity });
    await pull();
    expect(keptFiles()).toEqual([]);
  });
});
