import { describe, expect, test } from "bun:test";
import { checkAccess } from "../../src/access/rules.ts";
import { Failure } from "../../src/failure/failure.ts";
import type { ServiceAccount } from "../../src/identity/serviceAccount.ts";
import { defaultConfig } from "../support/testRun.ts";

const someone = (namespace: string, name: string): ServiceAccount => ({
  namespace,
  name,
  subject: `system:serviceaccount:${namespace}:${name}`,
  annotations: {},
});

function code(namespaces: string[], serviceAccounts: string[], who: ServiceAccount | undefined): string {
  try {
    checkAccess({ ...defaultConfig, access: { namespaces, serviceAccounts } }, who);
    return "may pull";
  } catch (error) {
    if (error instanceof Failure && error.exitStatus === 1 && !error.transient) return error.code;
    throw error;
  }
}

describe("access", () => {
  const cases: [
    namespaces: string[],
    serviceAccounts: string[],
    who: ServiceAccount | undefined,
    outcome: string,
  ][] = [
    [["*"], ["*"], undefined, "may pull"],
    [["*"], ["*"], someone("any", "one"), "may pull"],
    [["apps"], ["*"], someone("apps", "x"), "may pull"],
    [["apps"], ["*"], someone("app", "x"), "AccessDeniedNamespace"],
    [["apps"], ["*"], someone("apps2", "x"), "AccessDeniedNamespace"],
    [["apps", "jobs"], ["*"], someone("jobs", "x"), "may pull"],
    [["apps"], ["*"], undefined, "AccessDeniedNoToken"],
    [["*"], ["puller"], someone("any", "puller"), "may pull"],
    [["*"], ["puller"], someone("any", "puller2"), "AccessDeniedServiceAccount"],
    [["*"], ["puller"], undefined, "AccessDeniedNoToken"],
    [["*"], ["apps/puller"], someone("apps", "puller"), "may pull"],
    [["*"], ["apps/puller"], someone("jobs", "puller"), "AccessDeniedServiceAccount"],
    [["*"], ["apps/*"], someone("apps", "x"), "may pull"],
    [["*"], ["apps/*"], someone("jobs", "x"), "AccessDeniedServiceAccount"],
    [["jobs"], ["apps/puller"], someone("apps", "puller"), "AccessDeniedNamespace"],
    [["ap*"], ["*"], someone("apps", "x"), "AccessDeniedNamespace"],
    [["APPS"], ["*"], someone("apps", "x"), "AccessDeniedNamespace"],
    [[], ["*"], someone("apps", "x"), "AccessDeniedNamespace"],
  ];
  for (const [namespaces, serviceAccounts, who, outcome] of cases) {
    const name = who === undefined ? "nobody known" : `${who.namespace}/${who.name}`;
    test(`[${namespaces}] [${serviceAccounts}] ${name}: ${outcome}`, () => {
      expect(code(namespaces, serviceAccounts, who)).toBe(outcome);
    });
  }

  test("without a token both ways out are named", () => {
    const config = { ...defaultConfig, access: { namespaces: ["apps"], serviceAccounts: ["*"] } };
    expect(() => checkAccess(config, undefined)).toThrow(
      expect.objectContaining({
        remedy: expect.stringMatching(
          /tokenAttributes.*CredentialProviderConfig.* or let every pod pull: remove access from the config/,
        ),
      }),
    );
  });
});
