/** A cluster with a running pod; says `running` on stdout and waits. With `--end` it ends instead. */
import { sharedCluster } from "./cluster.ts";
import { corpHost } from "./surroundings.ts";

const cluster = await sharedCluster();
await cluster.useNode({ config: { identity: { source: "ecsRamRole" } } });
await cluster.workloads.pod({ name: "web", image: await cluster.newImage(`${corpHost}/team/web`) });
await cluster.workloads.running("web");
process.stdout.write("running\n");
if (process.argv.includes("--end")) process.exit(0);
