import { waitFor } from "../../kubelet/node/service.ts";
import { type ControlPlane, nodeName } from "./controlPlane.ts";
import { audienceRole } from "./documents.ts";

/** Lets nodes ask for tokens as docs/identity.md says, or takes that back; waits until it counts. */
export async function allowAudience(controlPlane: ControlPlane, allowed: boolean): Promise<void> {
  controlPlane.kubectl([allowed ? "apply" : "delete", "-f", "-"], audienceRole);
  await waitFor(`audience allowed: ${allowed}`, async () => (await mayAsk(controlPlane)) === allowed);
}

/** Whether the API server's authorizers let the node ask for the plugin's audience at this moment. */
async function mayAsk({ api }: ControlPlane): Promise<boolean> {
  const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const verb = "request-serviceaccounts-token-audience";
  const spec = {
    user: `system:node:${nodeName}`,
    groups: ["system:nodes", "system:authenticated"],
    resourceAttributes: { verb, resource: "sts.aliyuncs.com", namespace: "apps", name: "puller" },
  };
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
  return (await api.request<{ status: { allowed: boolean } }>("POST", path, review)).status.allowed;
}
