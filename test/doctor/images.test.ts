import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { instanceCorp, keyA, oidcProvider, roleAnyPod } from "../cloud/defaultWorld.ts";
import type { InstanceEndpoint } from "../cloud/model/world.ts";
import { type Check, checksOf as checksOfGroup, closedAddress, statusesOf } from "../support/doctor.ts";
import { startTestRegistry, type TestRegistry } from "../support/registry.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const at = useSimulatedNode();
let registry: TestRegistry;

beforeEach(async () => {
  registry = await startTestRegistry(at.cloud);
  internet().domains.push({ domain: registry.host, type: "USER" });
  internet().aclEnable = false;
  configure();
});
afterEach(() => {
  internet().domains.length = 1;
  Object.assign(internet(), { enable: true, aclEnable: false });
  return registry.close();
});

/** The public endpoint of the instance. */
function internet(): InstanceEndpoint {
  const corp = at.cloud.world.instances.find(({ instanceId }) => instanceId === instanceCorp);
  return corp?.endpoints.find(({ endpointType }) => endpointType === "internet") as InstanceEndpoint;
}

function configure(more: Record<string, unknown> = {}) {
  at.node.configure({
    identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
    registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou", domains: [registry.host] }],
    timeouts: { total: "10s", request: "1s" },
    ...more,
  });
}

/** The checks of the group for an image, by id. */
async function checksOf(image: string, ...flags: string[]): Promise<Record<string, Check>> {
  const checks = await checksOfGroup(at, "images", [image, ...flags]);
  return Object.fromEntries(checks.map((check) => [check.id, check]));
}

const statuses = (checks: Record<string, Check>) => statusesOf(Object.values(checks));

describe("an image that can be pulled", () => {
  test("each step is ok, and the layer host gets no credentials", async () => {
    const checks = await checksOf(`${registry.host}/team/web:1`);
    expect(statuses(checks)).toEqual([
      "credentials ok",
      "registry ok",
      "login ok",
      "manifest ok",
      "layer ok",
    ]);
    expect(checks.login?.found).toEndWith("accepts the credentials and grants pull");
    expect(checks.layer?.found).toContain(new URL(registry.layers).host);
    expect(checks.manifest?.durationMs).toBeNumber();
    const [asked, ...more] = registry.layerRequests.filter(({ path }) => path !== "/");
    expect(asked).toMatchObject({ authorization: null, range: "bytes=0-1023" });
    expect(more).toEqual([]);
  });

  test("of an index the manifest of this machine is taken", async () => {
    registry.platforms = ["linux/amd64", "linux/arm64"];
    const { manifest } = await checksOf(`${registry.host}/team/web`);
    expect(manifest?.found).toContain(
      `latest is there for linux/${process.arch === "x64" ? "amd64" : "arm64"}`,
    );
  });

  test("access rules, which need a pod, do not stand in the way", async () => {
    configure({ access: { namespaces: ["apps"] } });
    expect((await checksOf(`${registry.host}/team/web:1`)).layer?.status).toBe("ok");
  });
});

type Row = [
  name: string,
  prepare: () => void | Promise<void>,
  image: () => string,
  failed: string,
  found: string | RegExp,
  remedy: string | RegExp,
];

describe("what is no failure of a pull", () => {
  test("a registry of others is left alone", async () => {
    const checks = await checksOf("docker.io/library/nginx");
    expect(statuses(checks)[0]).toBe("credentials skipped");
    expect(checks.credentials?.found).toContain("docker.io is not a registry of this config");
  });

  test("a host that no entry names gets a warning with the line that adds it", async () => {
    const { credentials } = await checksOf("127.0.0.1:9/team/web");
    expect(credentials?.status).toBe("warning");
    expect(credentials?.remedy).toContain("add 127.0.0.1:9 to the domains of its entry in");
  });

  test("a pod's own identity cannot be tried without its token, and the registry is asked all the same", async () => {
    const identity = { source: "serviceAccountToken", roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
    configure({ identity });
    const checks = await checksOf(`${registry.host}/team/web:1`);
    expect(statuses(checks).slice(0, 3)).toEqual(["credentials skipped", "registry ok", "login skipped"]);
    expect(checks.credentials?.remedy).toContain(
      "kubectl create token NAME -n NAMESPACE --audience sts.aliyuncs.com",
    );
  });

  test("a token in the cache is used while no new one can be had", async () => {
    await at.node.pull(`${registry.host}/team/web:1`);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "reset" });
    const checks = await checksOf(`${registry.host}/team/web:1`);
    expect(statuses(checks)).toEqual([
      "credentials warning",
      "registry ok",
      "login ok",
      "manifest ok",
      "layer ok",
    ]);
    expect(checks.credentials?.found).toMatch(/the cached one serves for (59|60) min more/);
  });

  test("--offline sends nothing", async () => {
    const checks = await checksOf(`${registry.host}/team/web:1`, "--offline");
    expect(statuses(checks)).toEqual(["image skipped"]);
    expect(at.cloud.requests).toEqual([]);
  });

  test("without an image there is nothing to try", async () => {
    const { stdout } = await at.node.run(["doctor"]);
    expect(stdout).toContain("no image is named: doctor IMAGE tries a pull of it");
  });
});

describe("what keeps an image from being pulled is told apart", () => {
  const image = () => `${registry.host}/team/web:1`;
  const closed = { host: "" };
  beforeAll(async () => {
    closed.host = await closedAddress();
  });
  const rows: Row[] = [
    [
      "an image that is not one",
      () => {},
      () => `${registry.host}/Team/Web`,
      "image",
      "read the image reference",
      "name an image such as",
    ],
    [
      "no permission for a token",
      () =>
        configure({
          identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: "wrong-wrong" },
        }),
      image,
      "credentials",
      "GetAuthorizationToken",
      "check the AccessKey secret",
    ],
    [
      "cr:PullRepository is missing",
      () => {
        registry.grants = [];
      },
      image,
      "login",
      /accessKey LTAI.* may not pull team\/web/,
      `{ "Effect": "Allow", "Action": "cr:PullRepository", "Resource": "acs:cr:cn-hangzhou:*:repository/${instanceCorp}/team/web" }`,
    ],
    [
      "fixed credentials that have changed",
      () => writeFixed("someone", "something-else"),
      image,
      "login",
      "the registry does not accept the credentials",
      /write the present user name and password into .*username and .*password/,
    ],
    [
      "the registry does not accept the token",
      () => {
        registry.isClosed = true;
      },
      image,
      "login",
      "the registry does not accept the credentials: exchange the credentials for a token",
      /check that 127.* belongs to cri-corp.*\(registries\[0\] leads there\)/,
    ],
    [
      "a host of another instance",
      () => {
        registry.isClosed = true;
        internet().domains.length = 1;
      },
      image,
      "login",
      /127.* is not a host of cri-corp0*, which has corp-registry\.cn-hangzhou/,
      "correct instanceId or domains of registries[0]",
    ],
    [
      "the access list",
      () => {
        registry.grants = [];
        internet().aclEnable = true;
      },
      image,
      "login",
      `the public access list of ${instanceCorp} admits only 192.168.0.0/16`,
      "add the address by which this node reaches the internet",
    ],
    [
      "public access that is off",
      () => {
        registry.status = 403;
        internet().enable = false;
      },
      image,
      "registry",
      `public access of ${instanceCorp} is switched off`,
      /^switch it on .* Internet.* or inside a linked VPC pull from corp-registry-vpc/,
    ],
    [
      "a token that cannot be had in time",
      () => at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang" }),
      image,
      "credentials",
      /waited [\d.]+ s for 127\.0\.0\.1:\d+ \(2 attempts\)/,
      "check the node's network",
    ],
    [
      "no such tag",
      () => {},
      () => `${registry.host}/team/web:latst`,
      "manifest",
      "no such tag: ",
      "push latst, or name a tag that is there (latest?)",
    ],
    [
      "no such repository",
      () => {},
      () => `${registry.host}/team/wbe:1`,
      "manifest",
      "no such repository: ",
      /correct the name team\/wbe, or push the image to it: docker push .*\/team\/wbe:1/,
    ],
    [
      "no image for this machine",
      () => {
        registry.platforms = ["windows/amd64"];
      },
      image,
      "manifest",
      "which this machine is; it has windows/amd64",
      "docker buildx build --platform linux/",
    ],
    [
      "the token realm is unreachable",
      () => {
        registry.realm = `https://${closed.host}/auth`;
      },
      image,
      "login",
      /^the token realm is unreachable: connect to 127.*: connection refused/,
      /curl -v https:\/\/127/,
    ],
    [
      "the token realm is in the clear",
      () => {
        registry.realm = "http://127.0.0.1:1/auth";
      },
      image,
      "registry",
      "which is not an https URL",
      "credentials are sent over https only",
    ],
    [
      "the layer host is unreachable",
      () => {
        registry.layers = `https://${closed.host}`;
      },
      image,
      "layer",
      /^the layer host is unreachable: connect to 127.*: connection refused/,
      /curl -v https:\/\/127/,
    ],
    [
      "the registry turns the node away",
      () => {
        registry.status = 403;
      },
      image,
      "registry",
      "the registry turns this node away before any login: GET /v2/: 127.0.0.1",
      "let this node in: its address in the access list",
    ],
    [
      "the registry is unreachable",
      () => {
        configure({
          registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou", domains: [closed.host] }],
        });
      },
      () => `${closed.host}/team/web:1`,
      "registry",
      /^the registry is unreachable: connect to 127.*: connection refused/,
      "systemctl show containerd -p Environment",
    ],
  ];

  function writeFixed(username: string, password: string) {
    const directory = `${at.node.directory}/fixed`;
    Bun.spawnSync(["mkdir", "-m", "700", directory]);
    for (const [name, text] of Object.entries({ username, password })) {
      Bun.spawnSync(["install", "-m", "600", "/dev/stdin", `${directory}/${name}`], {
        stdin: Buffer.from(text),
      });
    }
    configure({ registries: [{ domains: [registry.host], fixedCredentials: { directory } }] });
  }

  for (const [name, prepare, pulled, failed, found, remedy] of rows) {
    test(name, async () => {
      await prepare();
      const checks = await checksOf(pulled());
      const all = Object.values(checks).filter(({ status }) => status === "failed");
      expect(all.map(({ id }) => id)).toEqual([failed]);
      expect(checks[failed]?.found).toMatch(found);
      expect(checks[failed]?.remedy).toMatch(remedy);
      const later = Object.values(checks).filter(({ status }) => status === "skipped");
      for (const check of later) expect(check.found).toBe(`not tried: ${failed} failed`);
    });
  }
});
