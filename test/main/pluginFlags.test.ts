import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseCommandLine } from "../../src/main/commandLine.ts";
import { pluginFlags } from "../../src/main/pluginFlags.ts";

const NAME = "/usr/bin/aliyun-acr-credential-provider";

const word = fc.oneof(
  fc.constantFrom(
    "--config",
    "--log-file",
    "--log-level",
    "--config=/a",
    "--output",
    "--help",
    "-h",
    "--",
    "-",
  ),
  fc.constantFrom("explain", "help", "/etc/config.yaml", "warn", "--version", "", "-1", "a=b", "--no-config"),
  fc.string({ maxLength: 6 }),
);

test("what is the plugin beyond doubt is the same to the parser of the whole command line", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (argv) => {
      const flags = pluginFlags(argv, NAME);
      if (flags === undefined) return;
      taken++;
      const { command, operands, flags: parsed } = await parseCommandLine(argv, NAME);
      expect({ name: command.name, operands, flags: parsed }).toEqual({ name: "", operands: [], flags });
    }),
    { numRuns: 5000 },
  );
  expect(taken).toBeGreaterThan(50);
});

test.each<{ argv: string[]; flags: object }>([
  { argv: [], flags: {} },
  { argv: ["--config", "/etc/config.yaml"], flags: { "--config": "/etc/config.yaml" } },
  {
    argv: ["--log-level", "warn", "--config", "/a", "--log-file", "/b"],
    flags: { "--config": "/a", "--log-level": "warn", "--log-file": "/b" },
  },
])("a kubelet's call $argv needs no parser", ({ argv, flags }) => {
  expect(pluginFlags(argv, NAME)).toEqual(flags);
});

test.each(
  [
    ["--help"],
    ["explain", "x"],
    ["--config"],
    ["--config", ""],
    ["--config", "--log-file"],
    ["--config", "/a", "--config", "/b"],
    ["--output", "json"],
  ].map((argv) => ({ argv })),
)("$argv is for the parser", ({ argv }) => {
  expect(pluginFlags(argv, NAME)).toBeUndefined();
});

test("so is docker's credential helper, whatever it is called with", () => {
  expect(pluginFlags([], "/usr/bin/docker-credential-aliyun-acr")).toBeUndefined();
});
