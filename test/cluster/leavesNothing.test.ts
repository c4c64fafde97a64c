import { describeLeavesNothing } from "../kubelet/node/describeLeavesNothing.ts";

describeLeavesNothing("a cluster leaves nothing behind", `${import.meta.dir}/cluster/idleCluster.ts`);
