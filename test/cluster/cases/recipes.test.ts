import { expect, test } from "bun:test";
import type { Pod } from "../../identity/support/kubelet.ts";
import { codeBlocksOf, sectionsOf } from "../../identity/support/markdown.ts";
import { type Recipe, recipesOf } from "../../identity/support/recipes.ts";
import { worldOf } from "../../identity/support/recipeWorld.ts";
import { providersOf } from "../../identity/support/registrations.ts";
import { state } from "../../kubelet/node/inside.ts";
import { addPod } from "../../kubelet/node/kubelet.ts";
import { executable } from "../../kubelet/setup/paths.ts";
import { identityDocument, issuerDocuments, tokenCommands } from "../cluster/documents.ts";
import { describeOnCluster, type InCluster, trustCluster } from "../cluster/useCluster.ts";

const providers = providersOf(identityDocument);

/** Those in which each pod pulls as what its service account is or says. */
const recipes = recipesOf(identityDocument).filter(({ title }) => /^(5|6|9|10)\. /.test(title));

/** The node, the cloud and the service accounts as the recipe has them. */
async function follow(at: InCluster, recipe: Recipe): Promise<void> {
  Object.assign(at.cloud.world, worldOf(recipe, providers));
  trustCluster(at.cloud.world, at.controlPlane);
  await at.useNode({ config: recipe.config, kubelet: recipe.kubelet });
  for (const { namespace, serviceAccount, annotations } of [...recipe.pulls, ...recipe.refused]) {
    if (serviceAccount) await at.workloads.serviceAccount(`${namespace}/${serviceAccount}`, annotations);
  }
  const manifest = accountManifest(recipe.title);
  if (manifest) at.controlPlane.kubectl(["replace", "-f", "-"], manifest);
}

/** The service account that a recipe shows, where it shows one. */
function accountManifest(title: string): string | undefined {
  const section = sectionsOf(identityDocument, 3).find((each) => each.title === title);
  return codeBlocksOf(section?.text ?? "").find(({ text }) => text.includes("\nkind: ServiceAccount\n"))
    ?.text;
}

async function start(
  at: InCluster,
  name: string,
  { namespace, serviceAccount }: Pod,
  image: string,
): Promise<void> {
  if (serviceAccount) await at.workloads.pod({ name, image, namespace, serviceAccount });
  else addPod(name, image);
}

test("the recipes for pods on self-managed clusters are those", () => {
  expect(recipes.map(({ title }) => title.split(".")[0])).toEqual(["5", "6", "9", "10"]);
});

describeOnCluster("the recipes of docs/identity.md", undefined, (at) => {
  for (const recipe of recipes) {
    test(`${recipe.title}: exactly the pods that it names pull`, async () => {
      await follow(at, recipe);
      const image = await at.newImage(recipe.image);
      for (const [index, pod] of recipe.pulls.entries()) await start(at, `pulls-${index}`, pod, image);
      await at.workloads.running("pulls-", recipe.pulls.length);
      for (const [index, pod] of recipe.refused.entries()) await start(at, `refused-${index}`, pod, image);
      for (const index of recipe.refused.keys()) await at.workloads.failedPull(`refused-${index}`);
    });
  }

  test("the API server says about its issuer what the document says, with the keys that sign the tokens", () => {
    const [configuration, keys] = issuerDocuments.commands.map((path) =>
      JSON.parse(at.controlPlane.kubectl(["get", "--raw", path])),
    );
    expect(configuration).toEqual(JSON.parse(issuerDocuments.expected));
    expect(keys.keys.map(({ n }: { n: string }) => n)).toEqual([at.controlPlane.tokenKey.n]);
  });

  test("explain with a token of kubectl does what the plugin would do for the kubelet", async () => {
    const [recipe] = recipes;
    await follow(at, recipe as Recipe);
    const script = tokenCommands
      .replace(/^kubectl /m, `${at.controlPlane.kubectlCommand.join(" ")} `)
      .replace(/^aliyun-acr-credential-provider /m, `${executable} `);
    // The cloud answers in this very process, which therefore must not stand still.
    const shell = Bun.spawn(["sh", "-ec", script], {
      cwd: state,
      // Nothing else of the environment: the proxy of whoever runs these tests is not reached from here.
      env: { PATH: process.env.PATH ?? "" },
    });
    const said = await new Response(shell.stdout).text();
    expect(`${await shell.exited} ${said}`).toStartWith("0 ");
    expect(said).toMatch(/^outcome +credentials$/m);
  });
});
