import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIProfileCredentialsProvider, ProfileCredentialsProvider } from "@alicloud/credentials";
import { loadIni } from "@alicloud/credentials/dist/src/util/utils";
import { testRun } from "../support/testRun.ts";
import { identityOf } from "./support/cloudIdentity.ts";
import { cliProfiles, iniSections } from "./support/profileSamples.ts";

/** What the library made of a profile: the pair, or the role and the pair that assumes it. */
interface Source {
  accessKeyId?: string;
  accessKeySecret?: string;
  securityToken?: string;
  roleArn?: string;
  roleSessionName?: string;
  durationSeconds?: number;
  policy?: string;
  credentialsProvider?: Source;
}
type Reader = new (options: {
  profileName: string;
}) => {
  getCredentialsProvider(parsed: unknown, name?: string): Source;
};

const directory = mkdtempSync(join(tmpdir(), "profile-judge-"));
const file = join(directory, "profile");
afterAll(() => rmSync(directory, { recursive: true }));

/** What our code made of the file: the credentials, or what the role's key says of it. */
async function ours(text: string, name: string): Promise<object> {
  writeFileSync(file, text, { mode: 0o600 });
  const run = testRun();
  const identity = await identityOf(run, { source: "profile", file, name });
  if (identity.forget === undefined) return identity.credentials(run);
  const [before, , roleArn, sessionName, seconds, , policy] = JSON.parse(identity.key);
  return { before, roleArn, sessionName, seconds: seconds || 3600, policy };
}

/** The same of the library's. */
function judged(source: Source): object {
  if (source.roleArn === undefined) {
    const { accessKeyId, accessKeySecret, securityToken } = source;
    return { accessKeyId, accessKeySecret, ...(securityToken === undefined ? {} : { securityToken }) };
  }
  const { roleArn, roleSessionName: sessionName, durationSeconds: seconds, policy = "" } = source;
  return {
    before: `accessKey ${source.credentialsProvider?.accessKeyId}`,
    roleArn,
    sessionName,
    seconds,
    policy,
  };
}

describe("config.json as @alicloud/credentials reads it", () => {
  test.each([...cliProfiles])("%j", async (profile) => {
    const config = {
      current: "p",
      profiles: [
        { name: "other", mode: "AK" },
        { name: "p", ...profile },
      ],
    };
    const reader = new (CLIProfileCredentialsProvider as unknown as Reader)({ profileName: "p" });
    expect(await ours(JSON.stringify(config), "p")).toEqual(
      judged(reader.getCredentialsProvider(config, "p")),
    );
  });
});

describe("an INI file as @alicloud/credentials reads it", () => {
  for (const newline of ["\n", "\r\n"]) {
    test.each([...iniSections])(`%j, lines end with ${JSON.stringify(newline)}`, async (section) => {
      const text = `; a comment\n# another\n\n[p]\n${section}\n`.replaceAll("\n", newline);
      const reader = new (ProfileCredentialsProvider as unknown as Reader)({ profileName: "p" });
      expect(await ours(text, "p")).toEqual(judged(reader.getCredentialsProvider(await loadIni(file))));
    });
  }
});
