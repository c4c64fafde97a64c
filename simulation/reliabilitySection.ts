import type { Plan } from "./plan.ts";
import type { Lookup } from "./result.ts";
import type { Scenario } from "./scenarios.ts";
import { ablationsTable, comparisonTable, sizesTable } from "./tables.ts";

const BEGIN = "<!-- fleet:begin: written by npm run simulate:fleet, not by hand -->";
const END = "<!-- fleet:end -->";

const intro = `The figures and pictures of this section come from \`npm run simulate:fleet\`: simulated nodes run the
plugin's own scheduling code (cache, lock between processes, renewal, stale serving, retries, deadlines) in simulated
time, against a simulated API that answers so many calls a second for the account and throttles the rest
(\`Throttling.User\`, retry after one second). Before each plugin stands a kubelet: its cache per registry, one process
per image at a time, image pull back-off of 10 s doubled up to 5 min. Answers take 100 ms on average, tokens live an
hour, the config is the built-in one. The same seed gives the same figures each time. ACR's real limits are not documented;
those here are assumptions.

*calls/s* counts what reaches the API, throttled calls included. *Pods delayed* are those whose first pull failed for
want of credentials, *pulls failed* counts every try; both are for every 100 nodes, over the whole time shown. *Wait*
is how long pods waited for credentials, counting those that the kubelet could not serve from its own cache. Retries
are the kubelet's: after a long outage, pods wait up to five minutes more because it tries no sooner.`;

const chapters: readonly { scenario: Scenario; title: string; text: string; plots: readonly string[] }[] = [
  {
    scenario: "boot",
    title: "Boot storm",
    text: `All nodes come up within a minute, each with 20 pods of 4 images at once and no token. No row can be faster
than that minute, or than nodes divided by limit. What counts here is sharing: one call a node, not one an image. Where
the limit is below what the nodes need in that minute, pods fail first and come back when their kubelet's back-off ends.`,
    plots: ["boot-tokens.svg", "boot-calls.svg"],
  },
  {
    scenario: "steady",
    title: "Steady state",
    text: `A fleet that got all its tokens at once goes on. A CronJob puts a pod on every node each 5 minutes, within
10 s, which brings all kubelets back at the same moments; other pods come by chance, 4 per node and hour. Watched for
200 minutes, four lives of a token in the kubelet. A plugin runs only when somebody pulls, so most renewals fall on the
CronJob's moments, where any API throttles a large fleet; jitter moves only those that its spread carries over to
another moment. Stale serving is what keeps that throttling from the pods. A node gets about the same number of tokens
in a fleet of any size; the calls above that are throttled ones.`,
    plots: ["steady-calls.svg", "cost.svg"],
  },
  {
    scenario: "outage",
    title: "The API is gone for 30 minutes",
    text: `Tokens of all ages, the same pods, and for half an hour no call gets any answer. Shown from 5 minutes before
it until 30 minutes after it. A token is served stale until a minute before its end: with the built-in
\`expiringThreshold\` of 15 minutes a token that falls due in an outage serves 6 to 14 minutes more, with 30 minutes
(half of a token's life, the most there is) 14 to 29, at the price of more renewals.`,
    plots: ["outage-waiting.svg", "outage-calls.svg"],
  },
];

/** The pictures that the section shows. */
export const plotNames = chapters.flatMap(({ plots }) => plots);

const parts = `*Without jitter*: tokens are renewed, and calls repeated, after the mean instead of a random time. *Without
sharing*: no process waits for another one's call. *Without stale serving*: a token that is due for renewal is no
longer used. *With none of the three*: every process asks the API, up to four times one second apart, nothing is kept
between processes, and the kubelet keeps a token until 15 minutes before its end.`;

/** The section of docs/reliability.md between its markers. */
export function blockOf(plan: Plan, lookup: Lookup): string {
  const { nodes, limit } = plan.ablations;
  const paragraphs = [
    intro,
    ...chapters.flatMap(({ scenario, title, text, plots }) => [
      `### ${title}`,
      text,
      sizesTable(plan, scenario, lookup),
      `What each part buys, ${nodes.toLocaleString("en-US")} nodes at ${limit} calls/s:`,
      ablationsTable(plan, scenario, lookup),
      "Against a plugin with none of the three:",
      comparisonTable(plan, scenario, lookup),
      plots.map((plot) => `![${title}](fleet/${plot})`).join("\n"),
    ]),
    parts,
  ];
  return `${BEGIN}\n\n${paragraphs.join("\n\n")}\n\n${END}`;
}

/** The document with the block in it; a document without markers gets a section at its end. */
export function withBlock(document: string, block: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin >= 0 && end > begin) return document.slice(0, begin) + block + document.slice(end + END.length);
  const before = document.trim() === "" ? "# Reliability" : document.trimEnd();
  return `${before}\n\n## At fleet scale\n\n${block}\n`;
}

/** The document's block, if it has one. */
export function blockIn(document: string): string | undefined {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  return begin >= 0 && end > begin ? document.slice(begin, end + END.length) : undefined;
}

/** What stays of a block when its figures are taken away: text, tables, rows and pictures. */
export function structureOf(block: string): string {
  return block
    .replaceAll(/[\d.,]*\d/g, "0")
    .replaceAll(/ +/g, " ")
    .replaceAll(/-{3,}/g, "---");
}
