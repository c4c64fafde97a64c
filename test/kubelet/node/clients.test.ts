import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";
import { nodeRoleName } from "../../cloud/defaultWorld.ts";
import { type Clients, installClients, makeLayer, type Result } from "./clients.ts";
import { cgroupVariable } from "./enclosure.ts";
import { run, state } from "./inside.ts";
import { enterpriseHost, lookAlikeHost, personalHost, type Region, startRegion } from "./node.ts";
import { pluginConfig } from "./pluginConfig.ts";
import { authorisedRequests } from "./registry.ts";
import { keepLogs } from "./service.ts";

const CONTENT = "what was pushed\n";
const PUSHING = "cr:PushRepository";
/** The one block of this language in the document, which has the hosts of the simulated cloud. */
function documented(language: string): string {
  const text = readFileSync(`${root}docs/docker-credential.md`, "utf8");
  const block = new RegExp(`^ *\`\`\`${language}\\n([^]*?)\`\`\``, "m").exec(text)?.[1];
  if (block === undefined) throw new Error(`docs/docker-credential.md has no ${language}`);
  return block;
}

const anonymous = new Set(["anonymous"]);
const editions = [
  ["Enterprise", "enterprise", enterpriseHost],
  ["Personal", "personal", personalHost],
] as const;

describe.skipIf(!process.env[cgroupVariable])(
  "clients of registries, by the docker credential helper",
  () => {
    let region: Region;
    let clients: Clients;

    beforeAll(async () => {
      region = await startRegion();
      clients = installClients(region.cloud, documented("json"));
      makeLayer(clients.folder, "file.txt", CONTENT);
      permissions().push({ actions: [PUSHING] });
    });
    afterAll(keepLogs);
    afterEach(() => {
      expect(region.cloud.violations).toEqual([]);
      region.cloud.reset();
      region.tokenServer.exchanges.length = 0;
    });

    const inWork = (path: string) => `${clients.folder}/${path}`;
    const outcomes = () => new Set<string>(region.tokenServer.exchanges.map(({ outcome }) => outcome));

    /** What the node's role may do. */
    function permissions() {
      const role = region.cloud.world.accounts[0]?.roles.find(({ name }) => name === nodeRoleName);
      if (role === undefined) throw new Error(`the cloud has no role ${nodeRoleName}`);
      return role.permissions;
    }

    async function done(...command: string[]): Promise<Result> {
      const result = await clients.run(command);
      if (result.status !== 0) throw new Error(`${command.join(" ")}: ${result.stderr}${result.stdout}`);
      for (const secret of region.cloud.secrets) expect(result.stdout + result.stderr).not.toContain(secret);
      return result;
    }

    /** That the token server let ACR's user, and no one else, pull from and push to the repository. */
    function expectGranted(repository: string): void {
      const granted = region.tokenServer.exchanges.filter(
        (exchange) => exchange.repository === repository && exchange.outcome === "granted",
      );
      expect(new Set(granted.map(({ username }) => username))).toEqual(new Set(["cr_temp_user"]));
      expect(new Set(granted.flatMap(({ actions }) => actions))).toEqual(new Set(["pull", "push"]));
    }

    async function layersOf(image: string): Promise<string[]> {
      const { layers } = JSON.parse((await done("crane", "manifest", image)).stdout);
      return layers.map(({ digest }: { digest: string }) => digest);
    }

    describe.each(editions)("%s Edition", (_, name, host) => {
      const craneImage = `${host}/team/crane-${name}:1`;

      test("crane (docker's own code for credentials) pushes and pulls", async () => {
        await done("crane", "append", "--oci-empty-base", "-f", "file.txt.tar", "-t", craneImage);
        await done("crane", "export", craneImage, `crane-${name}.tar`);
        expect(run("tar", "-xOf", inWork(`crane-${name}.tar`), "file.txt")).toBe(CONTENT);
        expectGranted(`team/crane-${name}`);
        const seen = authorisedRequests(region.registries[name]);
        expect(seen).toContain(`${host}/v2/team/crane-${name}/manifests/1`);
      });

      test("skopeo pulls and pushes, by credHelpers of its auth file", async () => {
        const authFile = `${state}/auth-${name}.json`;
        writeFileSync(authFile, documented("json"));
        const copy = ["skopeo", "copy", "--insecure-policy", "--authfile", authFile];
        const copied = `${host}/team/skopeo-${name}:1`;
        await done(...copy, `docker://${craneImage}`, `oci:${name}:1`);
        await done(...copy, `oci:${name}:1`, `docker://${copied}`);
        const inspected = await done("skopeo", "inspect", "--authfile", authFile, `docker://${copied}`);
        expect(JSON.parse(inspected.stdout).Layers).toEqual(await layersOf(craneImage));
        expectGranted(`team/skopeo-${name}`);
      });

      test("skopeo, by one line in registries.conf for all registries, foreign ones included", async () => {
        const home = `${state}/home-${name}`;
        mkdirSync(`${home}/.config/containers`, { recursive: true });
        writeFileSync(`${home}/.config/containers/registries.conf`, documented("toml"));
        const inspect = (image: string) =>
          clients.run(["skopeo", "inspect", `docker://${image}`], { HOME: home });
        expect(await inspect(craneImage)).toMatchObject({ status: 0 });
        region.tokenServer.exchanges.length = 0;
        expect((await inspect(craneImage.replace(host, lookAlikeHost))).status).not.toBe(0);
        expect(outcomes()).toEqual(anonymous);
      });

      test("helm pushes and pulls a chart", async () => {
        const [chart, file] = [`chart-${name}`, `chart-${name}-1.0.0.tgz`];
        mkdirSync(inWork(chart));
        mkdirSync(inWork(`pulled-${name}`));
        writeFileSync(inWork(`${chart}/Chart.yaml`), `apiVersion: v2\nname: ${chart}\nversion: 1.0.0\n`);
        await done("helm", "package", chart);
        await done("helm", "push", file, `oci://${host}/team`);
        await done(
          "helm",
          "pull",
          `oci://${host}/team/${chart}`,
          "--version",
          "1.0.0",
          "-d",
          `pulled-${name}`,
        );
        expect(readFileSync(inWork(`pulled-${name}/${file}`))).toEqual(readFileSync(inWork(file)));
        expectGranted(`team/${chart}`);
      });

      test("oras pushes and pulls an artifact", async () => {
        const artifact = `${host}/team/oras-${name}:1`;
        await done("oras", "push", artifact, "file.txt:text/plain");
        await done("oras", "pull", artifact, "-o", `oras-${name}`);
        expect(readFileSync(inWork(`oras-${name}/file.txt`), "utf8")).toBe(CONTENT);
        expectGranted(`team/oras-${name}`);
      });
    });

    test("all of that took one token of each edition", () => {
      const issued = region.cloud.issuedTokens.map(({ edition }) => edition);
      expect(issued.toSorted()).toEqual(["enterprise", "personal"]);
    });

    test("a client shows why there are no credentials, and goes on without", async () => {
      const config = `${state}/without-cache.yaml`;
      writeFileSync(config, pluginConfig(region.cloud, { cache: { enabled: false } }), { mode: 0o600 });
      region.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
      const { status, stderr } = await clients.run(
        ["crane", "manifest", `${enterpriseHost}/team/crane-enterprise:1`],
        { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: config },
      );
      expect(status).not.toBe(0);
      expect(stderr).toContain(`unable to get credentials for ${enterpriseHost}`);
      expect(stderr).toContain("NoPermission");
      expect(outcomes()).toEqual(anonymous);
    });

    test("without cr:PushRepository a push is refused by the registry, and pulls go on", async () => {
      const image = `${enterpriseHost}/team/crane-enterprise`;
      expect(permissions().pop()?.actions).toEqual([PUSHING]);
      try {
        const { status, stderr } = await clients.run(["crane", "tag", `${image}:1`, "2"]);
        expect(status).not.toBe(0);
        expect(stderr).toContain("UNAUTHORIZED");
        await done("crane", "manifest", `${image}:1`);
      } finally {
        permissions().push({ actions: [PUSHING] });
      }
    });

    test("a login is told that nothing is stored, and the password appears nowhere", async () => {
      const login = ["crane", "auth", "login", enterpriseHost, "-u", "someone", "-p", "CANARYofSomeone"];
      const { status, stdout, stderr } = await clients.run(login);
      expect(status).not.toBe(0);
      expect(stderr).toContain("this credential helper is read-only");
      expect(stdout + stderr).not.toContain("CANARYofSomeone");
    });
  },
);
