import { chmodSync } from "node:fs";
import { inactiveKeyA, keyA, powerlessKeyA } from "../../cloud/defaultWorld.ts";
import { writeKeyFiles, writeNodeFile } from "../../identity/support/files.ts";
import type { MistakeGroup } from "../mistake.ts";

const key = (id: string, secret: string) => ({
  source: "accessKey",
  accessKeyId: id,
  accessKeySecret: secret,
});

/** Who the plugin is: sources of credentials, and their files. */
export const identities: MistakeGroup = {
  title: "Identity: roles of nodes, AccessKeys, profiles",
  mistakes: [
    {
      title: "The ECS instance has no RAM role",
      made: "`source: ecsRamRole` on an instance that no role is attached to.",
      prepare: (cloud) => {
        delete cloud.world.node.roleName;
        return undefined;
      },
    },
    {
      title: "Another RAM role is attached than the config names",
      made: "`identity: {source: ecsRamRole, roleName: acr-puller}`.",
      config: { identity: { source: "ecsRamRole", roleName: "acr-puller" } },
    },
    {
      title: "The node is not on ECS, and the config relies on the node's role",
      made: "No config, or `source: ecsRamRole`, on own hardware: nothing answers at the metadata service's address.",
      fault: { operation: "MetadataToken", kind: "hang" },
    },
    {
      title: "The metadata service is switched off for the instance",
      made: "The metadata service answers 403 to everything.",
      fault: { operation: "MetadataToken", kind: "status", status: 403, body: "" },
    },
    {
      title: "The node's role is switched off, and nothing else is set up",
      made: "`source: auto` with `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true` and no AccessKey, profile or URI.",
      config: { identity: { source: "auto" } },
      env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" },
    },
    {
      title: "The files of the AccessKey can be read by others",
      made: "Both files in `identity.directory` have mode 0644.",
      prepare: (_cloud, node) => {
        const directory = writeKeyFiles(node, keyA);
        for (const name of ["access-key-id", "access-key-secret"]) chmodSync(`${directory}/${name}`, 0o644);
        return { config: { identity: { source: "accessKey", directory } } };
      },
    },
    {
      title: "The files of the AccessKey are not there",
      made: "`identity.directory` names an empty directory.",
      prepare: (_cloud, node) => ({
        config: { identity: { source: "accessKey", directory: `${node.directory}/keys` } },
      }),
    },
    {
      title: "The file of the secret is empty",
      made: "`access-key-secret` has no content.",
      prepare: (_cloud, node) => ({
        config: {
          identity: { source: "accessKey", directory: writeKeyFiles(node, { id: keyA.id, secret: "" }) },
        },
      }),
    },
    {
      title: "The file of the secret holds more than the secret",
      made: "`access-key-secret` has a second line.",
      prepare: (_cloud, node) => ({
        config: {
          identity: {
            source: "accessKey",
            directory: writeKeyFiles(node, { id: keyA.id, secret: `${keyA.secret}\nrotated in May` }),
          },
        },
      }),
    },
    {
      title: "The AccessKey was deleted or is misspelt",
      made: "An AccessKey ID that RAM does not know.",
      config: { identity: key("LTAIexampleX", keyA.secret) },
    },
    {
      title: "The AccessKey is disabled",
      made: "An AccessKey that was disabled in RAM.",
      config: { identity: key(inactiveKeyA.id, inactiveKeyA.secret) },
    },
    {
      title: "The secret belongs to another AccessKey",
      made: "ID and secret of two different pairs.",
      config: { identity: key(keyA.id, powerlessKeyA.secret) },
    },
    {
      title: "A temporary AccessKey comes without its security token",
      made: "An AccessKey `STS.…` with its secret, and no `securityToken`.",
      prepare: async (cloud) => {
        const answer = await fetch(cloud.endpoints.credentialsUri);
        const session = (await answer.json()) as Record<string, string>;
        return { config: { identity: key(session.AccessKeyId ?? "", session.AccessKeySecret ?? "") } };
      },
    },
    {
      title: "The profile does not exist",
      made: "`name: acr` in a profile file that has `default` only.",
      prepare: (_cloud, node) => {
        const file = writeNodeFile(node, "profiles.json", {
          current: "default",
          profiles: [{ name: "default", mode: "AK", access_key_id: keyA.id, access_key_secret: keyA.secret }],
        });
        return { config: { identity: { source: "profile", name: "acr", file } } };
      },
    },
    {
      title: "The profile file does not exist",
      made: "`file` names a file that is not there.",
      prepare: (_cloud, node) => ({
        config: { identity: { source: "profile", file: `${node.directory}/profiles.json` } },
      }),
    },
    {
      title: "The credentials URI answers with an error",
      made: "The service behind `uri` answers 404.",
      prepare: (cloud) => ({
        config: { identity: { source: "credentialsUri", uri: cloud.endpoints.credentialsUri } },
        fault: { operation: "CredentialsUri", kind: "status", status: 404, body: "" },
      }),
    },
    {
      title: "The file of the OIDC token does not exist",
      made: "`source: oidcTokenFile` with a `path` that is not there.",
      prepare: (_cloud, node) => ({
        config: {
          identity: {
            source: "oidcTokenFile",
            path: `${node.directory}/token`,
            roleArn: "acs:ram::1609982529000000:role/acr-puller",
            oidcProviderArn: "acs:ram::1609982529000000:oidc-provider/my-cluster",
          },
        },
      }),
    },
    {
      title: "The file of fixed credentials can be read by others",
      made: "`fixedCredentials` with a `password` file of mode 0640.",
      prepare: (_cloud, node) => {
        writeNodeFile(node, "fixed/username", "user");
        chmodSync(writeNodeFile(node, "fixed/password", "CANARY-fixed-password"), 0o640);
        const fixedCredentials = { directory: `${node.directory}/fixed` };
        return { config: { registries: [{ domains: ["images.example.com"], fixedCredentials }] } };
      },
      image: "images.example.com/apps/web",
    },
  ],
};
