import { Failure } from "../../src/failure/failure.ts";
import type { IdentityContext } from "../../src/identity/identity.ts";
import { resolveIdentity } from "../../src/identity/resolveIdentity.ts";
import { testRun } from "../support/testRun.ts";

/** One step to credentials: a key, a role of the node, or a role that is assumed, by the credentials before it. */
export type Step = Readonly<Record<string, string>>;

/** What a reader makes of a profile; a refusal counts as one, whatever its words. */
export type Reading = readonly Step[] | "refused";

/** STS is asked at its global host here unless a profile names a region: this region has none of its own. */
const context: IdentityContext = { regionId: "ap-southeast-6", network: "auto" };

/** What our code makes of a profile, seen by the requests that it would send. Nothing is sent. */
export async function ourSteps(file: string, name: string): Promise<Reading> {
  const steps: Step[] = [];
  const run = testRun({
    fetch: (async (url: string, init: RequestInit) => answer(steps, url, init)) as never,
  });
  const identity = { source: "profile", file, name, assumeRoles: [] } as const;
  const resolved = await resolveIdentity(run, identity, context).catch((error: unknown) => {
    if (error instanceof Failure) return undefined;
    throw error;
  });
  if (resolved === undefined) return "refused";
  const credentials = await resolved.credentials(run);
  if (steps.length > 0) return steps;
  const { accessKeyId, accessKeySecret, securityToken = "" } = credentials;
  return [{ key: accessKeyId, secret: accessKeySecret, token: securityToken }];
}

function answer(steps: Step[], address: string, init: RequestInit): Response {
  const url = new URL(address);
  const role = /security-credentials\/(.*)$/.exec(url.pathname)?.[1];
  if (url.pathname === "/latest/api/token") return new Response("metadata-token");
  if (role === "") return new Response("attached");
  if (role !== undefined) {
    steps.push({ nodeRole: role });
    return Response.json({ Code: "Success", ...session });
  }
  const parameters = new URLSearchParams(`${url.search.slice(1)}&${init.body ?? ""}`);
  const of = (parameter: string) => parameters.get(parameter) ?? "";
  const signer = /Credential=([^,]*)/.exec(new Headers(init.headers).get("authorization") ?? "")?.[1] ?? "";
  if (steps.length === 0 && signer !== "") steps.push({ key: signer });
  steps.push({
    role: of("RoleArn"),
    session: of("RoleSessionName").replace(/^aliyun-acr-credential-provider.*/, "of its own"),
    seconds: of("DurationSeconds"),
    policy: of("Policy"),
    externalId: of("ExternalId"),
    provider: of("OIDCProviderArn"),
    token: of("OIDCToken"),
    host: url.host,
  });
  return Response.json({ Credentials: session });
}

const session = {
  AccessKeyId: "STS.example",
  AccessKeySecret: "example0000",
  SecurityToken: "example-token",
  Expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ""),
};

/** A credentials provider of credentials-go as `go/profiles.go` prints it. */
export interface PrintedProvider {
  readonly error?: string;
  readonly provider?: string;
  readonly credentialsProvider?: PrintedProvider;
  readonly [field: string]: string | number | PrintedProvider | undefined;
}

/** The same of credentials-go's; `tokens` has the content of token files by their path. */
export function theirSteps(printed: PrintedProvider, tokens: Readonly<Record<string, string>>): Reading {
  if (printed.error !== undefined) return "refused";
  const of = (field: string) => String(printed[field] ?? "");
  switch (printed.provider) {
    case "StaticAKCredentialsProvider":
    case "StaticSTSCredentialsProvider":
      return [{ key: of("accessKeyId"), secret: of("accessKeySecret"), token: of("securityToken") }];
    case "ECSRAMRoleCredentialsProvider":
      return [{ nodeRole: of("roleName") || "attached" }];
  }
  const role = {
    role: of("roleArn"),
    session: of("roleSessionName").replace(/^credentials-go-.*/, "of its own"),
    seconds: of("durationSeconds"),
    policy: of("policy"),
    externalId: of("externalId"),
    provider: of("oidcProviderARN"),
    token: tokens[of("oidcTokenFilePath")] ?? "",
    host: of("stsEndpoint"),
  };
  const before = printed.credentialsProvider;
  if (before === undefined) return [role];
  const steps = theirSteps(before, tokens) as readonly Step[];
  return [...steps.map((step) => (step.secret === undefined ? step : { key: step.key ?? "" })), role];
}
