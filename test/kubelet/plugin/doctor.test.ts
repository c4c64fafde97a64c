import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Check } from "../../../src/commands/doctor/check.ts";
import { configCases } from "../../kubeletConfig/configCases.ts";
import { runExecutable } from "../../support/executable.ts";
import type { Release } from "../setup/releases.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { startPluginCode } from "../support/pluginCode.ts";

/** Checks that say whether a kubelet starts with its providers. */
const startChecks = ["config", "provider-executable", "bin-directory"];

/** Whether doctor finds nothing for which the kubelet would not start, and what it says of it. */
async function doctorsVerdict(config: string, binDir: string, release: Release) {
  const flags = ["--kubelet-config", config, "--bin-dir", binDir, "--kubernetes", release.minor];
  const { stdout } = await runExecutable({ args: ["doctor", "--offline", "--output", "json", ...flags] });
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  const about = checks.filter(({ group, id }) => group === "kubelet" && startChecks.includes(id));
  const failed = about.filter(({ status }) => status === "failed");
  return { starts: about.length > 0 && failed.length === 0, said: failed.map(({ found }) => found) };
}

async function kubeletsVerdict(config: string, binDir: string, release: Release): Promise<boolean> {
  const env = { GODEBUG: release.godebug };
  return startPluginCode({ release, config, binDir, env }).then(
    async (kubelet) => {
      await kubelet.stop();
      return true;
    },
    () => false,
  );
}

/** A config in a folder of its own, beside a bin directory with what the cases name. */
async function inFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(`${tmpdir()}/acr-doctor-kubelet-`);
  try {
    mkdirSync(`${folder}/bin`);
    for (const name of ["acr", "other"]) symlinkSync("/bin/true", `${folder}/bin/${name}`);
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All of them are held to the kubelet's code by configs.test.ts; here a sample goes through the executable. */
const sample = configCases.filter((_, index) => index % 4 === 0);
const good = configCases[0]?.text ?? "";

const binDirectories: readonly (readonly [
  about: string,
  change: (folder: string) => void,
  starts: boolean,
])[] = [
  ["as it should be", () => {}, true],
  ["that is missing", (folder) => rmSync(`${folder}/bin`, { recursive: true }), false],
  ["without the executable", (folder) => rmSync(`${folder}/bin/acr`), false],
  [
    "whose executable is not executable",
    (folder) => {
      rmSync(`${folder}/bin/acr`);
      writeFileSync(`${folder}/bin/acr`, "");
      chmodSync(`${folder}/bin/acr`, 0o644);
    },
    false,
  ],
  [
    "with a directory in the executable's place",
    (folder) => {
      rmSync(`${folder}/bin/acr`);
      mkdirSync(`${folder}/bin/acr`);
    },
    false,
  ],
  [
    "with a link to nothing in the executable's place",
    (folder) => {
      rmSync(`${folder}/bin/acr`);
      symlinkSync("none", `${folder}/bin/acr`);
    },
    false,
  ],
];

describeForEachRelease("what doctor says of a start", (release) => {
  test(`is what the kubelet does, for ${sample.length} configs`, async () => {
    const counts = { starts: 0, ends: 0 };
    await inFolder(async (folder) => {
      const [config, binDir] = [`${folder}/config`, `${folder}/bin`];
      for (const { about, text } of sample) {
        writeFileSync(config, text);
        const { starts, said } = await doctorsVerdict(config, binDir, release);
        expect({ about, said, starts: await kubeletsVerdict(config, binDir, release) }).toEqual({
          about,
          said,
          starts,
        });
        counts[starts ? "starts" : "ends"]++;
      }
    });
    expect(Math.min(counts.starts, counts.ends)).toBeGreaterThan(8);
  });

  test.each(binDirectories)(
    "is what the kubelet does with a bin directory %s",
    async (_, change, expected) => {
      await inFolder(async (folder) => {
        const [config, binDir] = [`${folder}/config`, `${folder}/bin`];
        writeFileSync(config, good);
        change(folder);
        const { starts } = await doctorsVerdict(config, binDir, release);
        expect({ starts, kubelet: await kubeletsVerdict(config, binDir, release) }).toEqual({
          starts: expected,
          kubelet: expected,
        });
      });
    },
  );

  test("is what the kubelet does with a directory of configs, and with one name twice in it", async () => {
    await inFolder(async (folder) => {
      const [config, binDir] = [`${folder}/configs`, `${folder}/bin`];
      mkdirSync(config);
      writeFileSync(`${config}/a.json`, good);
      expect(await doctorsVerdict(config, binDir, release)).toMatchObject({ starts: true });
      expect(await kubeletsVerdict(config, binDir, release)).toBe(true);
      writeFileSync(`${config}/b.json`, good);
      expect(await doctorsVerdict(config, binDir, release)).toMatchObject({
        starts: false,
        said: [expect.stringContaining("the kubelet refuses two of one name")],
      });
      expect(await kubeletsVerdict(config, binDir, release)).toBe(false);
    });
  });
});
