import { beforeAll, describe, expect, test } from "bun:test";
import { root } from "../../scripts/project.ts";
import { compareWith } from "./compareWith.ts";
import { goClients } from "./goClients.ts";
import { namedPairs } from "./knownDifferences.ts";
import { programmed } from "./officialClient.ts";

/** Node.js loads the packages; of Bun it only has the types taken out of the program. */
const program = `${root}.cache/officialClients/nodeClient.mjs`;
const node = Bun.which("node");
const command = [node ?? "node", program];
const nodePackages = [
  programmed(command, "@alicloud/openapi-core", [
    "GetAuthorizationToken",
    "ListInstance",
    "ListInstanceEndpoint",
    "GetTokens(2016)",
  ]),
  programmed(command, "@alicloud/sts20150401", ["AssumeRole", "AssumeRoleWithOIDC"]),
  programmed(command, "@alicloud/credentials", ["AssumeRole", "AssumeRoleWithOIDC"]),
];

describe.skipIf(node === null)("the official packages for Node.js (skipped where there is no node)", () => {
  beforeAll(async () => {
    const { success, logs } = await Bun.build({
      entrypoints: [`${import.meta.dir}/node/nodeClient.ts`],
      outdir: `${root}.cache/officialClients`,
      naming: "[name].mjs",
      target: "node",
      packages: "external",
    });
    if (!success) throw new Error(logs.join("\n"));
  });
  compareWith(nodePackages);
});

test("the list of differences names clients and operations that are compared", () => {
  const compared = [...nodePackages, ...goClients].flatMap(({ name, operations }) => [
    `${name} *`,
    ...operations.map((operation) => `${name} ${operation}`),
  ]);
  expect(namedPairs.filter((pair) => !compared.includes(pair))).toEqual([]);
});
