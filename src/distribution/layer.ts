import { Failure } from "../failure/failure.ts";
import type { Answer } from "../openapi/transport.ts";
import type { Run } from "../run/run.ts";
import { registryFailure } from "./registryFailure.ts";
import { askRegistry, authorized, type Repository } from "./repository.ts";

const FIRST_BYTES = 1024;
const range = { range: `bytes=0-${FIRST_BYTES - 1}` };

/** Where a layer comes from: the registry itself, which has sent its first bytes then, or wherever it redirects. */
export type LayerPlace = { readonly bytes: number } | { readonly redirect: URL };

/**
 * Asks the registry for the first bytes of a layer. A redirect is not followed; its query is a signature, and secret.
 * @throws Failure of the network or the registry, or `RedirectInvalid`.
 */
export async function askForLayer(run: Run, repository: Repository, digest: string): Promise<LayerPlace> {
  const { host, name } = repository;
  const base = `https://${host}/v2/${name}/blobs/${digest}`;
  const answer = await askRegistry(run, base, { ...range, ...authorized(repository) }, FIRST_BYTES);
  if (isContent(answer)) return { bytes: answer.body.length };
  const location = answer.headers.get("location");
  if (answer.status < 300 || answer.status > 399 || location === null) {
    throw registryFailure(run, host, `GET /v2/${name}/blobs/${digest}`, answer);
  }
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol)) {
    throw new Failure(`${host} redirects for a layer to what is not a URL`, {
      code: "RedirectInvalid",
      endpoint: host,
      remedy: "check what answers for the registry's name",
    });
  }
  run.secrets.add(url.search.slice(1), ...url.searchParams.values());
  return { redirect: url };
}

/**
 * The first bytes of a layer from where the registry has redirected, as many as came. No credentials are sent there.
 * @throws Failure of the network, or of the host's answer.
 */
export async function readLayerStart(run: Run, url: URL): Promise<number> {
  const answer = await askRegistry(run, url.href, range, FIRST_BYTES);
  if (isContent(answer)) return answer.body.length;
  throw registryFailure(run, url.host, "GET the layer", answer);
}

function isContent({ status }: Answer): boolean {
  return status === 200 || status === 206;
}
