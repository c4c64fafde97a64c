import { describe, expect, test } from "bun:test";
import {
  formatFileProblem,
  readCredentialProviderConfig,
} from "../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { configCases } from "./configCases.ts";
import { filesOf } from "./files.ts";

async function judge(text: string, kubernetes = "1.34") {
  const files = filesOf({ "/config": text });
  const verdict = await readCredentialProviderConfig("/config", {
    release: kubeletRelease(kubernetes),
    files,
  });
  return verdict.accepted ? [] : verdict.problems.map(formatFileProblem);
}

describe("a kubelet of 1.34", () => {
  test.each(
    configCases.filter(({ refused }) => refused === undefined).map(({ about, text }) => [about, text]),
  )("starts with %s", async (_, text) => {
    expect(await judge(text)).toEqual([]);
  });
  test.each(
    configCases.flatMap(({ about, text, refused }) =>
      refused === undefined ? [] : [[about, text, refused] as const],
    ),
  )("does not start with %s", async (_, text, message) => {
    const [problem = ""] = await judge(text);
    expect(problem).toContain(message);
    expect(problem).toStartWith("/config: ");
    expect(problem).not.toContain("\n");
  });
});
