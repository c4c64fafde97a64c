/**
 * A process in a node's network: the simulated cloud, and a port that takes connections and never answers. Prints where
 * they are as a line of JSON, and lives until stdin ends.
 */
import { createServer } from "node:net";
import { startCloud } from "../../cloud/cloud.ts";

/** Shorter than what the timer asks for, so that each of its runs renews. */
const TOKEN_LIFE_MS = 35 * 60_000;

const cloud = await startCloud({ tokenLifeMs: TOKEN_LIFE_MS });
const silent = createServer(() => {}).listen(0, "127.0.0.1");
await new Promise((resolve) => silent.once("listening", resolve));
const { port } = silent.address() as { port: number };
const { acr, sts, metadata } = cloud.endpoints;
const places = {
  endpoints: { acr, sts, metadata },
  caFile: cloud.caFile,
  silent: `https://127.0.0.1:${port}`,
};
process.stdout.write(`${JSON.stringify(places)}\n`);
for await (const _ of process.stdin);
await cloud.stop();
process.exit(0);
