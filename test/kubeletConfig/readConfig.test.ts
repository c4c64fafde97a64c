import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  formatFileProblem,
  readCredentialProviderConfig,
} from "../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import type { KubeletFiles } from "../../src/kubelet/credentialProviderConfig/kubeletFiles.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { plugin, withProvider, withTokens, yaml } from "./configTexts.ts";
import { filesOf } from "./files.ts";

const release = kubeletRelease("1.34");
const read = (path: string, files?: KubeletFiles) =>
  readCredentialProviderConfig(path, { release, ...(files && { files }) });

async function problems(path: string, files?: KubeletFiles): Promise<string[]> {
  const verdict = await read(path, files);
  return verdict.accepted ? [] : verdict.problems.map(formatFileProblem);
}

describe("an accepted config", () => {
  test("has its providers with their places, in the kubelet's order", async () => {
    const files = filesOf({
      "/c/b.yaml": yaml("    args: [x]\n", "name: other"),
      "/c/a.json": withTokens({}),
    });
    expect(await read("/c", files)).toEqual({
      accepted: true,
      providers: [
        {
          name: "acr",
          apiVersion: `${plugin}/v1`,
          matchImages: ["*-registry.*.cr.aliyuncs.com"],
          defaultCacheDuration: 0,
          args: [],
          env: [],
          tokenAttributes: {
            serviceAccountTokenAudience: "sts.aliyuncs.com",
            cacheType: "ServiceAccount",
            requireServiceAccount: true,
            requiredServiceAccountAnnotationKeys: [],
            optionalServiceAccountAnnotationKeys: [],
          },
          file: "/c/a.json",
          index: 0,
          line: 5,
          patternLines: [9],
        },
        {
          name: "other",
          apiVersion: `${plugin}/v1`,
          matchImages: ["*-registry.*.cr.aliyuncs.com"],
          defaultCacheDuration: 0,
          args: ["x"],
          env: [],
          file: "/c/b.yaml",
          index: 0,
          line: 4,
          patternLines: [7],
        },
      ],
      remarks: [],
      files: ["/c/a.json", "/c/b.yaml"],
      hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  test("a second YAML document is remarked on", async () => {
    const verdict = await read("/c", filesOf({ "/c": `${yaml()}---\n${yaml()}` }));
    expect(verdict).toMatchObject({
      remarks: [
        {
          file: "/c",
          path: "",
          line: 9,
          message: "a second YAML document begins here: the kubelet reads the first one only",
        },
      ],
    });
  });

  test("UTF-16 with a byte order mark is YAML, too", async () => {
    const littleEndian = Buffer.from(`\ufeff${yaml()}`, "utf16le");
    expect(await problems("/c", filesOf({ "/c": littleEndian }))).toEqual([]);
    expect(await problems("/c", filesOf({ "/c": Buffer.from(littleEndian).swap16() }))).toEqual([]);
  });
});

describe("a refused config", () => {
  test("is told all its mistakes, each once, over all files", async () => {
    const files = filesOf({
      "/c/a.yaml": withProvider({ name: "a b", matchImages: ["x:y"], apiVersion: 5 }),
      "/c/b.yaml": "[",
      "/c/c.yaml": withProvider({ name: "a b" }),
    });
    expect(await problems("/c", files)).toEqual([
      "/c/a.yaml: line 7: providers[0].apiVersion: is a number: put it in quotes",
      "/c/b.yaml: line 1: is not valid YAML: a quote, a bracket or a comma is missing",
      '/c/a.yaml: line 6: providers[0].name: "a b" is not the name of an executable: write one without a path and without spaces',
      '/c/a.yaml: line 9: providers[0].matchImages[0]: "x:y" is not a pattern: what follows its colon is not a port number',
      '/c/c.yaml: line 6: providers[0].name: "a b" is not the name of an executable: write one without a path and without spaces',
    ]);
  });

  test("names the other file of a repeated name", async () => {
    const files = filesOf({ "/c/a.yaml": yaml(), "/c/b.yaml": yaml() });
    expect(await problems("/c", files)).toEqual([
      "/c/b.yaml: line 4: providers[0].name: is the name of the provider in /c/a.yaml, line 4 as well, and the kubelet refuses two of one name: keep one",
    ]);
  });

  test("messages never show the value of a variable or an argument", async () => {
    const secret = "very-secret";
    const texts = [
      yaml(`    env: [{name: A, value: *${secret}}]\n`),
      yaml(`    env: [{name: A, value: "${secret}}]\n`),
      yaml(`    args: [${secret}: {}]\n`),
      withProvider({ args: [{ a: secret }], env: [secret] }),
      withProvider({ args: [] }).replace("[]", `[${secret}]`),
    ];
    for (const text of texts) {
      const found = await problems("/c", filesOf({ "/c": text }));
      expect(found).not.toEqual([]);
      expect(found.join("\n")).not.toContain(secret);
    }
  });
});

describe("what cannot be read", () => {
  test("on the disk is said, and a FIFO holds no one up", async () => {
    const folder = mkdtempSync(`${tmpdir()}/acr-kubelet-config-`);
    Bun.spawnSync(["mkfifo", `${folder}/fifo`]);
    writeFileSync(`${folder}/large`, " ".repeat(1024 * 1024 + 1));
    symlinkSync("circle", `${folder}/circle`);
    mkdirSync(`${folder}/empty`);
    mkdirSync(`${folder}/links`);
    symlinkSync("none", `${folder}/links/a.yaml`);
    const reasons = {
      none: "none: cannot be read: it does not exist",
      fifo: "fifo: cannot be read: it is not a regular file",
      large: "large: cannot be read: it is larger than 1 MiB",
      circle: "circle: cannot be read: its symbolic links lead in a circle",
      empty: "empty: cannot be read: it is a directory without a file that ends in .json, .yaml or .yml",
      links: "links/a.yaml: cannot be read: it does not exist",
    };
    for (const [name, reason] of Object.entries(reasons)) {
      expect(await problems(`${folder}/${name}`)).toEqual([`${folder}/${reason}`]);
    }
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["brackets in brackets", "[".repeat(1024 * 1024)],
    ["braces in braces", '{"a":'.repeat(200_000)],
    ["dashes", `${"- ".repeat(500_000)}`],
    ["deep keys", Array.from({ length: 1000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")],
    ["aliases of aliases", aliases()],
    ["a long text in quotes", `{"a": "${"x\\n".repeat(300_000)}"}`],
    ["digits", yaml("").replace("0s", "9".repeat(900_000))],
    ["a long key", yaml(`    ${"k".repeat(900_000)}: 1\n`)],
    ["stars", withProvider({ matchImages: [`${"*a".repeat(200_000)}:x`] })],
  ])("%s end in a short message", async (_, text) => {
    const found = await problems("/c", filesOf({ "/c": text }));
    expect(found.length).toBeGreaterThan(0);
    expect(Math.max(...found.map((problem) => problem.length))).toBeLessThan(500);
  });
});

/** Each list holds the one before ten times. */
function aliases(): string {
  const lists = Array.from({ length: 20 }, (_, level) => {
    const items =
      level === 0
        ? "x"
        : Array(10)
            .fill(`*a${level - 1}`)
            .join(", ");
    return `a${level}: &a${level} [${items}]\n`;
  });
  return lists.join("");
}
