/**
 * The simulated cloud as a process of its own:
 *
 *     npx bun test/cloud/main.ts [--state FILE] [--listen NAME=HOST:PORT]… [--host NAME]… [--detached]
 *
 * `--state` is a JSON Merge Patch over the default model. `--listen` names a listener of
 * `ListenOptions`, or `control`. `--host` adds a name to the server certificates. One line of JSON
 * on stdout says where everything is; then it serves until stdin closes (unless `--detached`) or
 * SIGTERM or SIGINT comes.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type ListenOptions, startCloud } from "./cloud.ts";
import { serveControl } from "./control.ts";
import type { ModelInput } from "./model/world.ts";

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    listen: { type: "string", multiple: true, default: [] },
    host: { type: "string", multiple: true, default: [] },
    detached: { type: "boolean", default: false },
  },
});

const addresses = Object.fromEntries(
  values.listen.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  }),
);
const { control: controlAddress = "127.0.0.1:0", ...listen } = addresses;
const model = values.state ? (JSON.parse(readFileSync(values.state, "utf8")) as ModelInput) : {};

const cloud = await startCloud({ model, listen: listen as ListenOptions, hosts: values.host });
const control = await serveControl(cloud, controlAddress);

async function stop(): Promise<void> {
  control.close();
  await cloud.stop();
  process.exit(0);
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
if (!values.detached) process.stdin.once("end", stop).once("error", stop).resume();

console.log(JSON.stringify({ control: control.url, caFile: cloud.caFile, endpoints: cloud.endpoints }));
