import { type PictureName, titleOf } from "./pictures.ts";
import type { Plan } from "./plan.ts";
import type { Lookup } from "./result.ts";
import type { Scenario } from "./scenarios.ts";
import { ablationsTable, comparisonTable, sizesTable } from "./tables.ts";

const BEGIN = "<!-- fleet:begin: written by npm run simulate:fleet, not by hand -->";
const END = "<!-- fleet:end -->";

const intro = `The figures and pictures of this section come from \`npm run simulate:fleet\`. Simulated nodes run the
plugin's own scheduling code (cache, lock between processes, renewal, stale serving, retries, deadlines) in simulated
time. A simulated API answers a limited number of calls a second for the account and throttles the others
(\`Throttling.User\`, retry after one second). A simulated kubelet starts the plugin: it has a cache per registry, runs
one process per image at a time, and waits 10 s after a failed pull, then twice as long each time, up to 5 min. Answers
take 100 ms on average, tokens live an hour, and the config is the built-in one. The same seed always gives the same
figures. ACR's real limits are not documented: those here are assumptions.

*calls/s* counts the calls that reach the API, throttled ones included. *Pods delayed* counts the pods whose first pull
failed because there were no credentials, *pulls failed* counts every failed try. Both are per 100 nodes, over the whole
time shown. *Wait* is how long pods waited for credentials, not counting those that the kubelet served from its own
cache. After a long outage, pods wait up to five minutes more, because the kubelet does not try again sooner.`;

const chapters: readonly {
  scenario: Scenario;
  title: string;
  text: string;
  pictures: readonly PictureName[];
}[] = [
  {
    scenario: "boot",
    title: "Boot storm",
    text: `All nodes come up within a minute. Each has no token, and 20 pods of 4 images at once. No fleet can be faster
than that minute, or than nodes divided by limit. Sharing is what counts here: one call per node, not one per image.
Where the limit is below what the nodes need in that minute, some pods fail at first and are tried again after the
kubelet's back-off.`,
    pictures: ["boot-tokens.svg", "boot-calls.svg"],
  },
  {
    scenario: "steady",
    title: "Steady state",
    text: `A fleet has just got all its tokens at once. A CronJob puts a pod on every node every 5 minutes, within 10 s,
so that all kubelets come back at the same moments. Other pods come at random, 4 per node and hour. The fleet is watched
for 200 minutes; the kubelet keeps a token for about 50 of them. A plugin runs only when an image is pulled, so most
renewals fall on the CronJob's moments, when any API throttles a large fleet. Jitter helps only where it moves a renewal
to another of these moments. Stale serving is what keeps the throttling away from the pods. A node gets about the same
number of tokens in a fleet of any size. The calls beyond that are throttled ones. The timer runs on each node at a moment
of its own: it makes more calls, but spreads them, so that their peak is far lower.`,
    pictures: ["steady-calls.svg", "cost.svg"],
  },
  {
    scenario: "outage",
    title: "The API is gone for 30 minutes",
    text: `A fleet has tokens of all ages and the same pods, and no call gets any answer for half an hour. The figures
cover the time from 5 minutes before the outage until 30 minutes after it. A token is served stale until a minute before
its end. With the built-in \`expiringThreshold\` of 15 minutes, a token that becomes due in the outage serves for 6 to
14 minutes more. With 30 minutes (half of a token's life, the longest there is) it serves for 14 to 29 minutes more, at
the price of more renewals. With the timer of [node-config/systemd](../node-config/systemd) (\`prefetch --renew-before
38m\`) every token that a node has serves for the whole outage: no pod is delayed, and some wait 5 s, because the plugin tries
the API before it serves a token that is due.`,
    pictures: ["outage-waiting.svg", "outage-calls.svg"],
  },
];

const parts = `*Without jitter*: tokens are renewed, and calls repeated, after the mean instead of a random time. *Without
sharing*: no process waits for the call of another one. *Without stale serving*: a token that is due for renewal is no
longer used. *With none of the three*: every process asks the API, up to four times one second apart, nothing is kept
between processes, and the kubelet keeps a token until 15 minutes before its end. *\`--renew-before\`*: a timer on every
node renews the token that it has, every five minutes, when it has less than that left.`;

/** The section of docs/reliability.md, with its markers, that shows the results of a plan. */
export function sectionOf(plan: Plan, lookup: Lookup): string {
  const { nodes, limit } = plan.ablations;
  const paragraphs = [
    intro,
    ...chapters.flatMap(({ scenario, title, text, pictures }) => [
      `### ${title}`,
      text,
      sizesTable(plan, scenario, lookup),
      `What each part is worth, ${nodes.toLocaleString("en-US")} nodes at ${limit} calls/s:`,
      ablationsTable(plan, scenario, lookup),
      "Against a plugin with none of the three:",
      comparisonTable(plan, scenario, lookup),
      pictures.map((name) => `![${titleOf(name)}](fleet/${name})`).join("\n"),
    ]),
    parts,
  ];
  return `${BEGIN}\n\n${paragraphs.join("\n\n")}\n\n${END}`;
}

/**
 * The document with another section between its markers.
 * @throws Error when it lacks the markers.
 */
export function withSection(document: string, section: string): string {
  const { from, to } = placeIn(document);
  return document.slice(0, from) + section + document.slice(to);
}

/**
 * The section of the document, markers included.
 * @throws Error when it lacks the markers.
 */
export function sectionIn(document: string): string {
  const { from, to } = placeIn(document);
  return document.slice(from, to);
}

function placeIn(document: string): { from: number; to: number } {
  const from = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (from < 0 || end < from) throw new Error(`find the fleet section: no ${BEGIN} before ${END}`);
  return { from, to: end + END.length };
}

/** What stays of a section when its figures are taken away: text, tables, rows and pictures. */
export function structureOf(section: string): string {
  return section
    .replaceAll(/[\d.,]*\d/g, "0")
    .replaceAll(/ +/g, " ")
    .replaceAll(/-{3,}/g, "---");
}
