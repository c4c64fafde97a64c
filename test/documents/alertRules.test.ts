import { beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { leaveOfToken } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { checkLogQl, checkPromQl, firesFor, metricsRead, rulesOf } from "./support/alertRules.ts";

const image = "corp-registry.cn-hangzhou.cr.aliyuncs.com/team/web";
const alerting = readFileSync(`${root}docs/alerting.md`, "utf8");

describe.each([
  ["prometheus", checkPromQl],
  ["loki", checkLogQl],
] as const)("node-config/alerts/%s.yaml", (file, check) => {
  test.each(rulesOf(file).map((rule) => [rule.alert ?? rule.record, rule] as const))(
    "%s has an expression of that language, and an alert says what to do",
    (_, { alert, expr, labels, annotations }) => {
      expect(() => check(expr)).not.toThrow();
      if (alert === undefined) return;
      expect(labels?.severity).toMatch(/^(info|warning|critical)$/);
      expect(annotations?.summary).toBeTruthy();
      expect(annotations?.description).toBeTruthy();
    },
  );

  test("a mistake in an expression is noticed", () => {
    const [rule] = rulesOf(file);
    expect(() => check(`${rule?.expr} unless )`)).toThrow("not understood");
  });
});

/** Prometheus' own tool. Debian has it in the package `prometheus`; it is not fetched for a test. */
const promtool = Bun.which("promtool");

test.skipIf(promtool === null)(
  "the alerts for Prometheus fire when they should (skipped where there is no promtool in PATH)",
  () => {
    const cases = `${root}test/documents/alertRules.promtool.yaml`;
    const { exitCode, stdout, stderr } = Bun.spawnSync([promtool ?? "", "test", "rules", cases]);
    expect({ exitCode, said: `${stdout}${stderr}` }).toEqual({
      exitCode: 0,
      said: expect.stringContaining("SUCCESS"),
    });
  },
);

test("docs/alerting.md explains every metric that the rules read", () => {
  expect(metricsRead().length).toBeGreaterThan(3);
  for (const metric of metricsRead()) expect(alerting).toContain(metric.replace(/_(count|bucket)$/, ""));
});

describe("the rules for the plugin's log", () => {
  const at = useSimulatedNode();
  const lines: Record<string, string> = {};

  /** The plugin's own line about one pull. */
  async function lineOf(config: Record<string, unknown>, prepare?: () => Promise<void> | void) {
    at.node.configure(config);
    await prepare?.();
    await at.node.pull(image);
    return readFileSync(at.node.logFile, "utf8").trimEnd().split("\n").at(-1) ?? "";
  }

  beforeEach(async () => {
    const refuse = () =>
      at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "status", status: 503 });
    lines.fresh = await lineOf({});
    lines.kept = await lineOf({});
    lines.refused = await lineOf({ access: { namespaces: ["apps"] } });
    lines.stale = await lineOf({}, async () => {
      await leaveOfToken(at.node.cacheDirectory, 300_000);
      refuse();
    });
    lines.failed = await lineOf({ cache: { enabled: false } }, refuse);
  });

  test("each fires for the run that it is for, and for no other", () => {
    const fired = (alert: string) => Object.keys(lines).filter((run) => firesFor(alert, lines[run] ?? ""));
    expect(fired("AliyunAcrRenewalsFail")).toEqual(["stale"]);
    expect(fired("AliyunAcrCredentialsFail")).toEqual(["failed"]);
    expect(fired("AliyunAcrPullsRefused")).toEqual(["refused"]);
    expect(fired("KubeletHasNoServiceAccountToken")).toEqual([]);
  });

  test("the strings that docs/alerting.md searches for are in the lines", () => {
    const [, command = ""] = /^(grep .*)$/m.exec(alerting) ?? [];
    const searched = [...command.matchAll(/-e '([^']+)'/g)].map(([, text = ""]) => text);
    const found = Object.keys(lines).filter((run) => searched.some((text) => lines[run]?.includes(text)));
    expect(found).toEqual(["refused", "stale", "failed"]);
  });
});
