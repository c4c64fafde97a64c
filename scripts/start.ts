/** The main job, to be watched: a kubelet request answered by the executable against the simulated cloud. */
import { startCloud } from "../test/cloud/cloud.ts";
import { testNode } from "../test/support/node.ts";
import { kubeletRequest } from "../test/support/request.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";

await import("./build.ts");
const cloud = await startCloud();
const node = testNode(cloud);

console.log(`\nThe kubelet writes to stdin:\n  ${kubeletRequest(IMAGE)}`);
await pull("The executable answers on stdout:");
console.log("What it asked of the (simulated) metadata service and ACR API:");
for (const { operation, status, callerArn } of cloud.requests) {
  console.log(`  ${operation.padEnd(24)} HTTP ${status}  ${callerArn ?? ""}`);
}
const before = cloud.requests.length;
await pull("\nThe same request again is answered from the node's cache:");
console.log(`Requests to the cloud for it: ${cloud.requests.length - before}`);

node.remove();
await cloud.stop();

async function pull(title: string): Promise<void> {
  const { status, stdout, stderr, ms } = await node.pull(IMAGE);
  if (status !== 0) {
    console.error(`the executable failed with exit status ${status}: ${stderr}`);
    process.exit(1);
  }
  console.log(`${title}\n  ${stdout}  (exit status ${status}, ${ms.toFixed(0)} ms)\n`);
}
