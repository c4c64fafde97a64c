import { officialClients, releasedHelper } from "../kubelet/setup/paths.ts";
import { credentialHelper } from "./credentialHelper.ts";
import { type OfficialClient, programmed } from "./officialClient.ts";

const enterprise = ["GetAuthorizationToken", "ListInstance", "ListInstanceEndpoint"] as const;
const sts = ["AssumeRole", "AssumeRoleWithOIDC"] as const;

/** The clients that Go builds: the official modules in `go/`, and the released helper of `helper/`. */
export const goClients: readonly OfficialClient[] = [
  programmed([officialClients], "cr-20181201", enterprise),
  programmed([officialClients], "cr-20160607", ["GetTokens(2016)"]),
  programmed([officialClients], "sts-20150401", sts),
  programmed([officialClients], "darabonba-openapi", ["AssumeRole"]),
  programmed([officialClients], "credentials-go", sts),
  credentialHelper(releasedHelper),
];
