import { keptToken, wantedToken } from "../../../acr/obtainToken.ts";
import { authorize, type RegistryCredentials } from "../../../distribution/authorize.ts";
import { type Challenge, realmUrl } from "../../../distribution/challenge.ts";
import { askForLayer, readLayerStart } from "../../../distribution/layer.ts";
import { type Manifest, readManifest } from "../../../distribution/manifest.ts";
import { type Repository, registryChallenge } from "../../../distribution/repository.ts";
import { Failure } from "../../../failure/failure.ts";
import { isForeignHost } from "../../../host/foreignHosts.ts";
import { type Outcome, provide } from "../../../plugin/provide.ts";
import { once, type Run } from "../../../run/run.ts";
import { span } from "../../../text/span.ts";
import type { CheckStatus } from "../check.ts";
import { freshRun, timed } from "../freshRun.ts";
import { explainPullFailure, NOTHING_GRANTED } from "./explainPullFailure.ts";
import { imageParts } from "./imageParts.ts";
import { type ImagePull, type PullStep, pullSteps } from "./imagePull.ts";
import { type PullContext, who } from "./pullRemedies.ts";

/** A step that did what it should, or was left out. */
interface Done<Value> {
  readonly value?: Value;
  readonly found: string;
  readonly status?: CheckStatus;
  readonly remedy?: string;
}

/** Pulls an image as far as the first bytes of a layer, once in a run, within `timeouts.total`. Never rejects. */
export function tryPull(run: Run, image: string): Promise<ImagePull> {
  return once(run, `pull of ${image}`, async () => {
    const pull: ImagePull = { image, checks: [] };
    await takeSteps(run, pull);
    const failed = pull.checks.find(({ status }) => status === "failed")?.id;
    const left = pullSteps.filter((step) => pull.checks.every(({ id }) => id !== step) && step !== "image");
    const why = failed === undefined ? "there are no credentials" : `${failed} failed`;
    for (const id of left) {
      pull.checks.push({
        group: "images",
        id,
        status: "skipped",
        subject: image,
        found: `not tried: ${why}`,
      });
    }
    return pull;
  });
}

async function takeSteps(kept: Run, pull: ImagePull): Promise<void> {
  const run = freshRun(kept);
  const parts = await step(run, pull, "image", async () => ({ value: imageParts(pull.image), found: "" }));
  if (parts === undefined) return;
  pull.context = { run, ...parts };
  const credentials = await step(run, pull, "credentials", () => credentialsOf(kept, run, pull));
  const isOurs = pull.context.registry !== undefined || credentials !== undefined || hasFailed(pull);
  if (!isOurs) return;
  const registry = await step(run, pull, "registry", () => registryOf(run, pull, parts.host));
  if (registry === undefined || credentials === undefined) return;
  const repository = await step(run, pull, "login", () => login(run, pull, registry.challenge, credentials));
  if (repository === undefined) return;
  pull.repository = repository;
  const manifest = await step(run, pull, "manifest", () => manifestOf(run, repository, parts.reference));
  if (manifest === undefined) return;
  await step(run, pull, "layer", () => layerOf(run, pull, repository, manifest));
}

function hasFailed({ checks }: ImagePull): boolean {
  return checks.some(({ status }) => status === "failed");
}

/** Takes a step, and notes what came of it. */
async function step<Value>(
  run: Run,
  pull: ImagePull,
  id: PullStep,
  work: () => Promise<Done<Value>>,
): Promise<Value | undefined> {
  const result = await timed(run, work);
  const { durationMs } = result;
  const check = { group: "images" as const, id, subject: pull.image, durationMs };
  if ("failure" in result) {
    const said = await explainPullFailure(pull, id, result.failure);
    pull.checks.push({ ...check, status: "failed", ...said });
    return undefined;
  }
  const { value, found, status = "ok", remedy } = result.value;
  if (found !== "")
    pull.checks.push({ ...check, status, found, ...(remedy === undefined ? {} : { remedy }) });
  return value;
}

/** Who pulls, by the code that the kubelet runs. */
async function credentialsOf(kept: Run, run: Run, pull: ImagePull): Promise<Done<RegistryCredentials>> {
  const outcome = await provide(run, { image: pull.image });
  const { registry, identity } = outcome;
  const context = { ...pull.context, ...(registry && { registry }), ...(identity && { identity }) };
  pull.context = context as PullContext;
  switch (outcome.kind) {
    case "credentials":
      return {
        value: outcome.credentials,
        found: `a token of ${instanceOf(outcome)}, as ${who(pull.context)}`,
      };
    case "notOurs":
      return notOurs(pull.context);
    case "refused":
    case "failed":
      return withoutNewToken(kept, outcome, outcome.failure);
  }
}

function instanceOf({ registry }: Outcome): string {
  const { instanceId, regionId, origin, fixedCredentials } = registry ?? {};
  if (fixedCredentials !== undefined) return `${fixedCredentials.directory} (${origin})`;
  return `${instanceId || "the Personal Edition"} in ${regionId} (${origin})`;
}

function notOurs({ host, run }: PullContext): Done<RegistryCredentials> {
  const isForeign = isForeignHost(host);
  return {
    found: `${host} is not a registry of this config: the kubelet gets no credentials for it from this plugin`,
    status: isForeign ? "skipped" : "warning",
    ...(isForeign
      ? {}
      : {
          remedy: `if it is one, add ${host} to the domains of its entry in ${run.config.file ?? "the config"}`,
        }),
  };
}

/** What is left where no new token can be had: a pod's own, which is not here, or the one in the cache. */
async function withoutNewToken(
  kept: Run,
  outcome: Outcome,
  failure: Failure,
): Promise<Done<RegistryCredentials>> {
  if (failure.code === "ServiceAccountTokenMissing") {
    return {
      found: "every pod pulls as its own service account, and doctor has no pod's token",
      status: "skipped",
      remedy: `try one: kubectl create token NAME -n NAMESPACE --audience sts.aliyuncs.com > FILE; then explain ${outcome.image} --fetch --token-file FILE`,
    };
  }
  const { registry, identity } = outcome;
  if (registry === undefined || identity === undefined) throw failure;
  const token = await keptToken(kept, wantedToken(kept, registry, identity));
  if (token === undefined) throw failure;
  return {
    value: token,
    status: "warning",
    found: `a new token cannot be had: ${failure.message}; the cached one serves for ${span(token.expiresAt - kept.now())} more`,
    ...(failure.remedy === undefined ? {} : { remedy: failure.remedy }),
  };
}

async function registryOf(
  run: Run,
  pull: ImagePull,
  host: string,
): Promise<Done<{ readonly challenge: Challenge | undefined }>> {
  const challenge = await registryChallenge(run, host);
  if (challenge === undefined)
    return { value: { challenge }, found: `${host} answers and asks for no credentials` };
  if (challenge.scheme === "basic")
    return { value: { challenge }, found: `${host} answers (Basic authentication)` };
  pull.realm = realmUrl(challenge);
  return { value: { challenge }, found: `${host} answers; tokens come from ${pull.realm.host}` };
}

async function login(
  run: Run,
  pull: ImagePull,
  challenge: Challenge | undefined,
  credentials: RegistryCredentials,
): Promise<Done<Repository>> {
  const { host, repository: name } = pull.context as PullContext;
  const repository = { host, name };
  if (challenge === undefined) return { value: repository, found: "not needed" };
  const { authorization, actions } = await authorize(run, challenge, repository, credentials);
  const value = { ...repository, authorization };
  const asked = pull.realm?.host ?? host;
  if (actions === undefined) return { value, found: `${asked} accepts the credentials` };
  if (!actions.includes("pull") && !actions.includes("*")) {
    throw new Failure(`the token of ${asked} grants nothing`, { code: NOTHING_GRANTED, endpoint: asked });
  }
  const found = `${asked} accepts the credentials and grants ${actions.join(", ")}`;
  return isRealmOf(host, asked)
    ? { value, found }
    : {
        value,
        status: "warning",
        found: `${found}; that host is neither the registry's nor Alibaba Cloud's, and the container runtime sends the credentials there too`,
        remedy: `check that whoever runs ${host} also runs ${asked}`,
      };
}

/** Whether a token server is the registry's own: the same host, one of the same domain, or Alibaba Cloud's. */
function isRealmOf(registry: string, realm: string): boolean {
  const [own, asked] = [registry, realm].map((host) => host.replace(/:\d+$/, "")) as [string, string];
  const domain = (name: string) => name.split(".").slice(-2).join(".");
  if (own === asked || asked.endsWith(".aliyuncs.com")) return true;
  return /[a-z]$/i.test(own) && domain(own) === domain(asked);
}

async function manifestOf(run: Run, repository: Repository, reference: string): Promise<Done<Manifest>> {
  const manifest = await readManifest(run, repository, reference);
  const bytes = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  const platform = manifest.platform === undefined ? "" : ` for ${manifest.platform}`;
  return {
    value: manifest,
    found: `${reference} is there${platform}: ${manifest.layers.length} layers, ${Math.ceil(bytes / 2 ** 20)} MiB`,
  };
}

async function layerOf(
  run: Run,
  pull: ImagePull,
  repository: Repository,
  manifest: Manifest,
): Promise<Done<true>> {
  const [layer] = manifest.layers;
  if (layer === undefined) return { value: true, found: "the image has no layers" };
  const place = await askForLayer(run, repository, layer.digest);
  if ("bytes" in place)
    return { value: true, found: `first bytes of a layer from ${repository.host} itself` };
  pull.layers = place.redirect;
  await readLayerStart(run, place.redirect);
  return { value: true, found: `first bytes of a layer from ${place.redirect.host}` };
}
