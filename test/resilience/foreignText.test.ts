import { describe, expect, test } from "bun:test";
import { keyA } from "../cloud/defaultWorld.ts";
import { leaveOfToken } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "./nodes.ts";

const at = useSimulatedNode({ identity: accessKey, registries: [corpEntry] });
const operation = "GetAuthorizationToken";

/** As long as those of STS, and nothing in it looks like a word. */
const securityToken = `CAISC${"kWx9Zq3Lr7Tb2Nd5".repeat(30)}`;

describe("a message of the API of a megabyte", () => {
  const texts = {
    dots: ".".repeat(260_000),
    "dots and blanks": ". ".repeat(400_000),
    "beginnings of what is cut off": "string to ".repeat(90_000),
    "beginnings of user names": "//a:".repeat(200_000),
    "beginnings of secrets": "password ".repeat(100_000),
    quotes: `"'`.repeat(200_000),
  };
  for (const [name, message] of Object.entries(texts)) {
    test(`of ${name} neither holds the process nor floods the log`, async () => {
      at.cloud.faults.set({ operation, kind: "error", code: "NoPermission", message, status: 403 });
      const { status, stderr, ms } = await at.node.pull(IMAGE);
      expect(status).toBe(1);
      expect(stderr.length).toBeLessThan(2100);
      expect(ms).toBeLessThan(5000);
    });
  }

  test("does not keep a good token from being handed out", async () => {
    const password = acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    await leaveOfToken(at.node.cacheDirectory, 5 * 60_000);
    at.cloud.faults.set({ operation, kind: "error", code: "Odd", message: ".".repeat(260_000), status: 400 });
    const result = await at.node.pull(IMAGE);
    expect(acceptedPassword(at.cloud, result)).toBe(password);
    expect(result.ms).toBeLessThan(5000);
  });
});

describe("no part of a secret gets out when the API sends it back", () => {
  const inBase64 = Buffer.from(`x-acs-security-token:${securityToken}`).toString("base64");
  const effects: Record<string, object> = {
    "where the message is cut": { message: `${"word ".repeat(56)}${securityToken}` },
    "behind so many blanks that it stands where the text is bounded": {
      message: `${" ".repeat(65_500)}${securityToken}`,
    },
    "broken into lines": { message: securityToken.replace(/(.{64})/g, "$1\n") },
    "broken by control characters": { message: securityToken.replace(/(.{40})/g, "$1\u0001") },
    "cut by the API": { message: `the token ${securityToken.slice(0, 90)}... is wrong` },
    "in base64": { message: `you sent ${inBase64}` },
    "in base64 of a URL": { message: inBase64.replaceAll("+", "-").replaceAll("/", "_") },
    "as a code": { code: securityToken.slice(0, 100) },
    "in the details": { message: "no", details: { RequestId: keyA.secret } },
  };
  for (const [name, effect] of Object.entries(effects)) {
    test(name, async () => {
      at.node.configure({
        identity: { ...accessKey, accessKeyId: "STS.example", securityToken },
        registries: [corpEntry],
      });
      at.cloud.faults.set({ operation, kind: "error", code: "Odd", status: 400, ...effect });
      const { status, stderr } = await at.node.pull(IMAGE);
      expect(status).toBe(1);
      const kept = new Bun.Glob("*.json").scanSync({ cwd: at.node.cacheDirectory });
      const files = await Promise.all(
        [...kept].map((file) => Bun.file(`${at.node.cacheDirectory}/${file}`).text()),
      );
      const said = [stderr, JSON.stringify(at.node.log()), ...files].join("\n").replace(/\s+|\\n/g, "");
      for (let start = 0; start + 20 <= securityToken.length; start += 16) {
        expect(said).not.toContain(securityToken.slice(start, start + 20));
      }
      expect(said).not.toContain(inBase64.slice(60, 90));
      expect(said).not.toContain(keyA.secret);
    });
  }
});

for (const [name, part] of [
  ["the middle of a secret", keyA.secret.slice(4, 24)],
  ["a secret", keyA.secret],
] as const) {
  test(`${name} as the request id of a token is not logged`, async () => {
    at.node.configure({ identity: accessKey, registries: [corpEntry] });
    at.cloud.faults.set({ operation, kind: "wrongTypes", set: { RequestId: part } });
    expect((await at.node.pull(IMAGE)).status).toBe(0);
    expect(at.node.log().at(-1)).toMatchObject({ outcome: "credentials", cache: "miss" });
    expect(JSON.stringify(at.node.log())).not.toContain(part);
  });
}

for (const [name, value] of [
  ["a line break", "token\r\nx-evil: 1"],
  ["NUL", "token\0"],
  ["a blank", "to ken"],
] as const) {
  for (const field of ["AuthorizationToken", "TempUsername"]) {
    test(`${name} in ${field} never reaches the kubelet`, async () => {
      at.cloud.faults.set({ operation, kind: "wrongTypes", set: { [field]: value } });
      const { status, stdout, stderr } = await at.node.pull(IMAGE);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toContain("TokenInvalid");
    });
  }
}
