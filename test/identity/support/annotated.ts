import type { RunResult } from "../../support/executable.ts";
import type { SimulatedNode } from "../../support/simulatedNode.ts";
import { corp } from "./identityNode.ts";

export const NODE_NAME = "node-1";

/** Configures the node with annotations enabled, and pulls for a service account of `apps` that carries some. */
export function withAnnotations(at: SimulatedNode) {
  return {
    configure(identity: object, allowedRoleArns: string[] = [], more = {}): void {
      const serviceAccountAnnotations = { enabled: true, allowedRoleArns };
      at.node.configure({ registries: [corp], identity, serviceAccountAnnotations, ...more });
    },
    pull(
      image: string,
      serviceAccountAnnotations: Record<string, string>,
      serviceAccount = "puller",
    ): Promise<RunResult> {
      const serviceAccountToken = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount });
      return at.node.pull(image, { serviceAccountToken, serviceAccountAnnotations, env: { NODE_NAME } });
    },
  };
}
