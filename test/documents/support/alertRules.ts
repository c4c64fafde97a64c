import { readFileSync } from "node:fs";
import { parser as logQl } from "@grafana/lezer-logql";
import type { LRParser } from "@lezer/lr";
import { parser as promQl } from "@prometheus-io/lezer-promql";
import { parse } from "yaml";
import { root } from "../../../scripts/project.ts";

/** A rule of a file for Prometheus or for Loki's ruler: an alert, or a series under a name of its own. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly description?: string };
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** The rules of `node-config/alerts/FILE.yaml`. */
export function rulesOf(file: "prometheus" | "loki"): readonly Rule[] {
  const text = readFileSync(`${root}node-config/alerts/${file}.yaml`, "utf8");
  return (parse(text) as RuleFile).groups.flatMap(({ rules }) => rules);
}

/** The names of the kubelet's metrics that the rules for Prometheus read, as its `/metrics` has them. */
export function metricsRead(): readonly string[] {
  const rules = rulesOf("prometheus");
  const recorded = new Set(rules.map(({ record }) => record));
  const names = rules.flatMap(({ expr }) => textsOf(promQl, expr, ["VectorSelector", "Identifier"]));
  return [...new Set(names)].filter((name) => !recorded.has(name));
}

/** Whether an alert over logs fires for one of these lines. */
export function firesFor(alert: string, lines: string): boolean {
  const rule = rulesOf("loki").find((each) => each.alert === alert);
  if (rule === undefined) throw new Error(`there is no alert ${alert}`);
  return lines.split("\n").some((line) => passesFilters(rule.expr, line));
}

/** Line filters of LogQL: whether the line has a text (`|=`), or matches a pattern (`|~`). */
function passesFilters(expr: string, line: string): boolean {
  const filters = textsOf(logQl, expr, ["LineFilter"]);
  if (filters.length === 0) throw new Error(`there is no line filter in ${expr}`);
  return filters.every((filter) => {
    const [, operator, text = ""] = /^(\|=|\|~)\s*`([^`]*)`$/.exec(filter) ?? [];
    if (operator === undefined) throw new Error(`not a filter that this test knows: ${filter}`);
    return operator === "|=" ? line.includes(text) : new RegExp(text).test(line);
  });
}

/** @throws where the grammar does not take the expression. */
export const checkPromQl = (expr: string): void => void textsOf(promQl, expr, []);

/** @throws where the grammar does not take the expression. */
export const checkLogQl = (expr: string): void => void textsOf(logQl, expr, []);

/** The texts of all nodes that stand below each other as `path` says. */
function textsOf(parser: LRParser, expr: string, path: readonly string[]): string[] {
  const texts: string[] = [];
  parser.parse(expr).iterate({
    enter({ type, node, from, to }) {
      if (type.isError) throw new Error(`not understood at character ${from}: ${expr}`);
      if (type.name !== path.at(-1)) return;
      if (path.length === 1 || node.parent?.type.name === path.at(-2)) texts.push(expr.slice(from, to));
    },
  });
  return texts;
}
