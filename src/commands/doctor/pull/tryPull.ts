import { authorize, type RegistryCredentials } from "../../../distribution/authorize.ts";
import { type Challenge, realmUrl } from "../../../distribution/challenge.ts";
import { askForLayer, readLayerStart } from "../../../distribution/layer.ts";
import { type Manifest, readManifest } from "../../../distribution/manifest.ts";
import { type Repository, registryChallenge } from "../../../distribution/repository.ts";
import { Failure } from "../../../failure/failure.ts";
import { once, type Run } from "../../../run/run.ts";
import { freshRun, timed } from "../freshRun.ts";
import { explainPullFailure, NOTHING_GRANTED } from "./explainPullFailure.ts";
import { imageParts } from "./imageParts.ts";
import { type Done, type ImagePull, type PullStep, pullSteps } from "./imagePull.ts";
import { pullCredentials } from "./pullCredentials.ts";
import type { PullContext } from "./pullRemedies.ts";

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
  const credentials = await step(run, pull, "credentials", () => pullCredentials(kept, run, pull));
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
