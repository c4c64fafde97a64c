import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { root } from "../../../scripts/project.ts";
import { urlsMatch } from "../../../src/kubelet/matchImages/urlsMatch.ts";
import { runExecutable } from "../../support/executable.ts";
import { testNode } from "../../support/node.ts";
import { useSimulatedNode } from "../../support/simulatedNode.ts";
import { writeKeyFiles } from "../support/files.ts";
import { annotationKeysOf, type Pod, readProvider, sentFor } from "../support/kubelet.ts";
import { anchorOf } from "../support/markdown.ts";
import { type Recipe, recipesOf } from "../support/recipes.ts";
import { recipeKey, worldOf } from "../support/recipeWorld.ts";
import { providersOf } from "../support/registrations.ts";

const document = readFileSync(`${root}docs/identity.md`, "utf8");
const recipes = recipesOf(document);
const providers = providersOf(document);
const at = useSimulatedNode();
afterEach(() => {
  expect(at.cloud.violations).toEqual([]);
});

type Credentials = { username: string; password: string };
type Left = Parameters<typeof worldOf>[2];

/** How the pod's pull goes with what the recipe says, on a node that has pulled nothing yet: "pulls", or why not. */
async function outcomeOf(recipe: Recipe, pod: Pod, without?: Left): Promise<string> {
  const sent = sentFor(readProvider(recipe.kubelet), recipe.image, pod);
  if (sent === undefined) return "the kubelet does not ask";
  Object.assign(at.cloud.world, worldOf(recipe, providers, without));
  const node = testNode(at.cloud);
  try {
    const keys = JSON.stringify(writeKeyFiles(node, recipeKey));
    node.configure(parse(recipe.config.replace(/\/etc\/aliyun-acr-credential-provider\/keys$/m, keys)));
    const result = await node.pull(recipe.image, optionsOf(pod, sent));
    if (result.status !== 0) return /code ([\w.]+)/.exec(result.stderr)?.[1] ?? result.stderr;
    const [credentials] = Object.values(JSON.parse(result.stdout).auth) as Credentials[];
    if (credentials === undefined) return "not ours";
    const login = at.cloud.acceptsRegistryLogin(credentials.username, credentials.password);
    return login?.mayPull("apps/web") ? "pulls" : "cr:PullRepository is missing";
  } finally {
    node.remove();
  }
}

/** The token, as the cluster of the recipe's provider issues it, and the annotations. */
function optionsOf({ namespace, serviceAccount = "" }: Pod, sent: NonNullable<ReturnType<typeof sentFor>>) {
  const { audience, annotations } = sent;
  if (audience === undefined) return {};
  const issuer = at.cloud.world.accounts.flatMap(({ oidcProviders }) => oidcProviders)[0]?.issuer;
  const serviceAccountToken = at.cloud.issueServiceAccountToken({
    namespace,
    serviceAccount,
    audience,
    issuer,
  });
  return {
    serviceAccountToken,
    ...(annotations === undefined ? {} : { serviceAccountAnnotations: annotations }),
  };
}

/** What becomes of a pull for which one document of a kind is missing in RAM. */
const withoutIt = {
  policies: ["NoPermission"],
  trusts: ["NoPermission", "AuthenticationFail.NoPermission", "RamRoleNotAttached"],
};

test("there are ten recipes, and the decision table leads to each", () => {
  expect(recipes.map(({ title }) => title.split(".")[0])).toEqual("1 2 3 4 5 6 7 8 9 10".split(" "));
  for (const { title } of recipes) {
    expect(document).toContain(`| [${title.split(".")[0]}](#${anchorOf(title)}) |`);
  }
});

for (const recipe of recipes) {
  describe(recipe.title, () => {
    test("the config is valid, and its warnings are no errors", async () => {
      const file = `${at.node.directory}/copied.yaml`;
      writeFileSync(file, recipe.config);
      const { status, stdout } = await runExecutable({ args: ["config", "validate", file] });
      expect({ status, errors: stdout.match(/^error.*/gm) }).toEqual({ status: 0, errors: null });
    });

    test("the command kubelet-config writes the same tokenAttributes for it, and patterns for its hosts", async () => {
      const file = `${at.node.directory}/copied.yaml`;
      writeFileSync(file, recipe.config);
      const { stdout } = await runExecutable({
        args: ["--config", file, "kubelet-config", "--kubernetes", "1.34"],
      });
      const [copied, written] = [readProvider(recipe.kubelet), readProvider(stdout)];
      const { tokenAttributes: wanted } = copied;
      expect(written.tokenAttributes?.serviceAccountTokenAudience).toBe(
        wanted?.serviceAccountTokenAudience as never,
      );
      expect(written.tokenAttributes?.cacheType).toBe(wanted?.cacheType as never);
      expect(written.tokenAttributes?.requireServiceAccount).toBe(wanted?.requireServiceAccount as never);
      const offered = written.tokenAttributes?.optionalServiceAccountAnnotationKeys ?? [];
      expect(offered).toEqual(expect.arrayContaining(annotationKeysOf(copied)));
      const isKnown = written.matchImages.some((pattern) => urlsMatch(pattern, recipe.image));
      // A custom domain that only the service account leads to is in no file.
      expect(isKnown || /Custom domains .*: add each of them here/.test(stdout)).toBe(true);
    });

    for (const pod of recipe.pulls) {
      test(`${nameOf(pod)} can pull`, async () => {
        expect(await outcomeOf(recipe, pod)).toBe("pulls");
      });
    }
    for (const pod of recipe.refused) {
      test(`${nameOf(pod)} cannot pull`, async () => {
        const outcomes = ["the kubelet does not ask", "not ours", "AuthenticationFail.NoPermission"];
        expect(outcomes).toContain(await outcomeOf(recipe, pod));
      });
    }

    for (const kind of ["policies", "trusts"] as const) {
      for (const arn of recipe[kind].keys()) {
        test(`needs the ${kind === "policies" ? "RAM" : "trust"} policy of ${arn}`, async () => {
          const outcomes = new Set<string>();
          for (const pod of recipe.pulls) outcomes.add(await outcomeOf(recipe, pod, { kind, arn }));
          outcomes.delete("pulls");
          expect(withoutIt[kind]).toEqual(expect.arrayContaining([...outcomes]));
          expect(outcomes.size).toBe(1);
        });
      }
    }
  });
}

function nameOf({ namespace, serviceAccount }: Pod): string {
  return serviceAccount === undefined ? "a static pod" : `a pod of ${namespace}/${serviceAccount}`;
}
