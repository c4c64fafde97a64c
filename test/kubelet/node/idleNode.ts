/** A whole node with a running pod; says `running` on stdout and waits. With `--end` it ends instead. */
import { releases } from "../setup/releases.ts";
import { addPod } from "./kubelet.ts";
import { enterpriseHost, startNode } from "./node.ts";
import { podState } from "./pods.ts";
import { waitFor } from "./service.ts";

const [release] = releases;
if (!release) throw new Error("no release");

const node = await startNode();
const kubelet = await node.startKubelet(release);
addPod("web", `${enterpriseHost}/team/web:1`);
await waitFor("pod", async () => (await podState("web"))?.container === "running", { log: kubelet.log });
process.stdout.write("running\n");
if (process.argv.includes("--end")) process.exit(0);
