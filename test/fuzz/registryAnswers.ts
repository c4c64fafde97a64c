import fc from "fast-check";
import { authorize } from "../../src/distribution/authorize.ts";
import { parseChallenge, realmUrl } from "../../src/distribution/challenge.ts";
import { askForLayer } from "../../src/distribution/layer.ts";
import { readManifest } from "../../src/distribution/manifest.ts";
import { listTags } from "../../src/distribution/repository.ts";
import { testRun } from "../support/testRun.ts";
import { guarded, type Target } from "./target.ts";
import { edited, editedJson } from "./texts.ts";

const realm = "https://dockerauth.cn-hangzhou.aliyuncs.com/auth";
const repository = { host: "corp-registry.cn-hangzhou.cr.aliyuncs.com", name: "team/web" };
const digest = `sha256:${"a".repeat(64)}`;
const password = "CANARYpassword0123456789";

const challenge: Target = {
  name: "registryChallenge",
  property: fc.asyncProperty(
    edited([`Bearer realm="${realm}",service="acr",scope="repository:a/b:pull"`, 'Basic realm="x"']),
    async (header) => {
      const outcome = await guarded(() => {
        const parsed = parseChallenge(header);
        return parsed?.scheme === "bearer" ? realmUrl(parsed) : undefined;
      });
      if ("value" in outcome && outcome.value !== undefined && outcome.value.protocol !== "https:") {
        throw new Error("credentials would be sent in the clear");
      }
    },
  ),
};

const bodies = fc.oneof(
  editedJson({ token: "opaque-token", access_token: "a.b.c" }),
  editedJson({ manifests: [{ digest, platform: { os: "linux", architecture: "amd64" } }] }),
  editedJson({ layers: [{ digest, size: 5 }], schemaVersion: 2 }),
  editedJson({ errors: [{ code: "DENIED", message: "no" }] }),
  editedJson({ name: "team/web", tags: ["1", "latest"] }),
);

/** Whatever a registry answers, it ends in a value or in a Failure; credentials go to the realm alone. */
const answers: Target = {
  name: "registryAnswers",
  property: fc.asyncProperty(
    bodies,
    fc.constantFrom(200, 206, 307, 401, 403, 404, 500),
    edited(["https://oss-cn-hangzhou.aliyuncs.com/data?Signature=abcdef0123456789"]).filter((text) =>
      /^[\x21-\x7e]*$/.test(text),
    ),
    async (body, status, location) => {
      const headers = { location };
      const elsewhere: string[] = [];
      const answer = async (url: string, init: RequestInit) => {
        const sent = new Headers(init.headers).get("authorization") ?? "";
        if (sent.startsWith("Basic") && !url.startsWith(`${realm}?`)) elsewhere.push(url);
        return new Response(JSON.stringify(body), { status, headers });
      };
      const run = () => testRun({ fetch: answer });
      const login = { username: "u", password };
      await guarded(() => authorize(run(), { scheme: "bearer", realm }, repository, login));
      await guarded(() => readManifest(run(), repository, "1"));
      await guarded(() => listTags(run(), repository));
      await guarded(() => askForLayer(run(), repository, digest));
      if (elsewhere.length > 0) throw new Error(`credentials sent to ${elsewhere}`);
    },
  ),
};

export const registryTargets: readonly Target[] = [challenge, answers];
