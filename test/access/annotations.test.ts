import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  annotationNames,
  askedByAnnotations,
  identityWithAnnotations,
} from "../../src/access/annotations.ts";
import type { IdentityConfig, ProviderConfig } from "../../src/config/config.ts";
import { Failure } from "../../src/failure/failure.ts";
import type { ServiceAccount } from "../../src/identity/serviceAccount.ts";
import { defaultConfig } from "../support/testRun.ts";

const config = (enabled: boolean, ...allowedRoleArns: string[]): ProviderConfig => ({
  ...defaultConfig,
  serviceAccountAnnotations: { enabled, allowedRoleArns },
});
const pod = (annotations: Record<string, string>): ServiceAccount => ({
  namespace: "apps",
  name: "puller",
  subject: "system:serviceaccount:apps:puller",
  annotations,
});
const arn = (name: string, account = "1") => `acs:ram::${account}:role/${name}`;
const { instanceIds, serviceArns, userArns, roleName } = annotationNames;

describe("what is asked", () => {
  test("nothing when annotations are off, or nobody is known", () => {
    const annotations = { [instanceIds]: "cri-a", [serviceArns]: "nonsense" };
    expect(askedByAnnotations(config(false), pod(annotations)).instances).toEqual([]);
    expect(askedByAnnotations(config(true), undefined).instances).toEqual([]);
  });

  test("several instances, with and without region", () => {
    const { instances } = askedByAnnotations(
      config(true),
      pod({ [instanceIds]: " cri-a1, cn-beijing:cri-b2 ,," }),
    );
    expect(instances).toEqual([{ instanceId: "cri-a1" }, { instanceId: "cri-b2", regionId: "cn-beijing" }]);
  });

  const malformed: [string, string][] = [
    [instanceIds, "corp"],
    [instanceIds, "cri-a;cri-b"],
    [instanceIds, "cn-beijing:"],
    [instanceIds, "CN:cri-a"],
    [instanceIds, "evil.example/:cri-a"],
    [instanceIds, Array(21).fill("cri-a").join(",")],
    [serviceArns, "role-name"],
    [serviceArns, `${arn("a")} ${arn("b")}`],
    [userArns, "acs:ram::1:user/a"],
    [userArns, "acs:ram::*:role/a"],
    [roleName, arn("a")],
    [roleName, "a b"],
    [roleName, "x".repeat(65)],
  ];
  for (const [name, value] of malformed) {
    test(`${name}: ${value.slice(0, 40)} is refused and the annotation named`, () => {
      expect(() => askedByAnnotations(config(true), pod({ [name]: value }))).toThrow(
        expect.objectContaining({
          code: "AccessDeniedAnnotation",
          exitStatus: 1,
          message: expect.stringContaining(`${name} of service account apps/puller`),
        }),
      );
    });
  }
});

/** The chain as text: the role assumed with the token, then the others. */
function chain(
  settings: ProviderConfig,
  identity: IdentityConfig,
  annotations: Record<string, string>,
): string {
  try {
    const result = identityWithAnnotations(
      settings,
      identity,
      askedByAnnotations(settings, pod(annotations)),
    );
    const own = result.source === "serviceAccountToken" ? result.roleArn : undefined;
    return [own, ...result.assumeRoles.map(({ roleArn }) => roleArn)]
      .map((role) => role?.replace(/^acs:ram::(\d+):role\//, "$1/") ?? "-")
      .join(" ");
  } catch (error) {
    if (error instanceof Failure && error.exitStatus === 1) return error.code;
    throw error;
  }
}

describe("a node's identity", () => {
  const node: IdentityConfig = { source: "ecsRamRole", assumeRoles: [{ roleArn: arn("own") }] };
  const cases: [allowed: string[], annotations: Record<string, string>, outcome: string][] = [
    [[], {}, "- 1/own"],
    [[], { [serviceArns]: arn("a") }, "AccessDeniedRole"],
    [[], { [userArns]: arn("a") }, "AccessDeniedRole"],
    [[arn("a")], { [serviceArns]: arn("a"), [userArns]: arn("a") }, "- 1/a 1/own 1/a"],
    [[arn("a")], { [serviceArns]: `${arn("a")},${arn("b")}` }, "AccessDeniedRole"],
    [[arn("a")], { [serviceArns]: arn("a2") }, "AccessDeniedRole"],
    [[arn("a")], { [serviceArns]: arn("A") }, "AccessDeniedRole"],
    [[arn("acr-*")], { [userArns]: arn("acr-x") }, "- 1/own 1/acr-x"],
    [[arn("acr-*")], { [userArns]: arn("acr-x", "2") }, "AccessDeniedRole"],
    [["acs:ram::*:role/acr-*"], { [userArns]: arn("acr-x", "2") }, "- 1/own 2/acr-x"],
    [[arn("a.c")], { [userArns]: arn("abc") }, "AccessDeniedRole"],
    [["*"], { [userArns]: arn("any") }, "- 1/own 1/any"],
    [["*"], { [roleName]: "for-the-app" }, "- 1/own"],
  ];
  for (const [allowed, annotations, outcome] of cases) {
    test(`allowed [${allowed}], asked ${JSON.stringify(annotations)}: ${outcome}`, () => {
      expect(chain(config(true, ...allowed), node, annotations)).toBe(outcome);
    });
  }

  test("never reaches a role that is not allowed", () => {
    const name = fc.stringMatching(/^[a-z.*-]{1,4}$/);
    const plain = fc.stringMatching(/^[a-z.-]{1,4}$/);
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 2 }),
        fc.array(plain, { maxLength: 2 }),
        fc.array(plain, { maxLength: 2 }),
        (globs, first, last) => {
          const asked = {
            [serviceArns]: first.map((one) => arn(one)).join(),
            [userArns]: last.map((one) => arn(one)).join(),
          };
          const outcome = chain(config(true, ...globs.map((glob) => arn(glob))), node, asked);
          const allowed = [...first, ...last].every((one) => globs.some((glob) => simpleGlob(glob, one)));
          expect(outcome === "AccessDeniedRole").toBe(!allowed);
        },
      ),
    );
  });
});

/** A second way to match, character by character. */
function simpleGlob(glob: string, text: string): boolean {
  if (glob === "") return text === "";
  if (glob[0] === "*")
    return simpleGlob(glob.slice(1), text) || (text !== "" && simpleGlob(glob, text.slice(1)));
  return text[0] === glob[0] && simpleGlob(glob.slice(1), text.slice(1));
}

describe("the service account's own token", () => {
  const oidcProviderArn = "acs:ram::7:oidc-provider/p";
  const token = {
    source: "serviceAccountToken",
    roleArn: arn("conf"),
    oidcProviderArn,
    assumeRoles: [{ roleArn: arn("own") }],
  } as const;
  const { roleArn: _roleArn, ...roleless } = token;
  const cases: [typeof token | typeof roleless, annotations: Record<string, string>, outcome: string][] = [
    [token, {}, "1/conf 1/own"],
    [token, { [roleName]: "pod" }, "7/pod 1/own"],
    [token, { [serviceArns]: arn("s") }, "1/s 1/own"],
    [token, { [roleName]: "pod", [serviceArns]: arn("s"), [userArns]: arn("u", "2") }, "7/pod 1/s 1/own 2/u"],
    [token, { [serviceArns]: `${arn("s")},${arn("t")}`, [userArns]: arn("u") }, "1/s 1/t 1/own 1/u"],
    [token, { [userArns]: arn("u", "2") }, "1/conf 1/own 2/u"],
    [roleless, { [userArns]: `${arn("u")},${arn("v")}` }, "1/u 1/own 1/v"],
    [roleless, { [roleName]: "pod" }, "7/pod 1/own"],
    [roleless, {}, "- 1/own"],
  ];
  for (const [identity, annotations, outcome] of cases) {
    test(`${identity === roleless ? "no role configured, " : ""}asked ${JSON.stringify(annotations)}: ${outcome}`, () => {
      expect(chain(config(true), identity, annotations)).toBe(outcome);
    });
  }
});
