import { afterAll, describe, expect, test } from "bun:test";
import { executable, runExecutable } from "../support/executable.ts";
import { credentialProviderConfig, image, kubeadmNode, provider } from "./support/nodes.ts";
import {
  credentialConfig,
  doctorOn,
  impossible,
  pluginConfig,
  removePrepared,
} from "./support/simulatedKubelet.ts";

afterAll(removePrepared);

const failing = {
  files: { [credentialConfig]: credentialProviderConfig(provider({ args: ["--nonsense"] })) },
  args: ["--output", "text", image],
};

describe.skipIf(impossible !== undefined)(`doctor's output ${impossible ?? ""}`, () => {
  test("text: a heading for each group, aligned lines, the remedy below, a summary; nothing on stderr", () => {
    const { stdout, stderr, status } = doctorOn(kubeadmNode(failing));
    const lines = stdout.split("\n");
    expect(lines.filter((line) => /^[a-z]+$/.test(line)).slice(0, 3)).toEqual([
      "config",
      "executable",
      "kubelet",
    ]);
    const failed = lines.findIndex((line) => line.startsWith("  failed   arguments            aliyun-acr-"));
    expect(lines[failed + 1]).toStartWith("           -> correct args of the provider");
    expect(lines.at(-2)).toMatch(/^1 failed, 0 warnings, \d+ ok, \d+ skipped$/);
    for (const line of lines.filter((each) => /^ {2}\S/.test(each))) {
      expect(line).toMatch(/^ {2}(ok {5}|warning|failed |skipped) {2}[a-z-]+ +\S/);
    }
    expect({ stderr, status }).toEqual({ stderr: "", status: 1 });
  });

  test("JSON: the version, the kubelet, counts that are those of the checks", () => {
    const { report, stderr } = doctorOn(kubeadmNode({ ...failing, args: [image] }));
    expect(report).toMatchObject({
      kubelet: { kind: "kubelet", release: "1.34.4" },
      counts: { failed: 1, warning: 0 },
    });
    expect(report.counts.ok).toBe(report.checks.filter(({ status }) => status === "ok").length);
    expect(stderr).toBe("");
  });

  test("a config that cannot be read is a failed check, and the groups that need it say why they are skipped", () => {
    const { report, status } = doctorOn(kubeadmNode({ files: { [pluginConfig]: "registries: [" } }));
    expect(
      report.checks.find(({ group, status }) => group === "config" && status === "failed"),
    ).toBeDefined();
    expect(report.checks.filter(({ group }) => group === "kubelet").length).toBeGreaterThan(10);
    expect(status).toBe(1);
  });
});

/** Of util-linux: runs a command with a terminal as stdin, stdout and stderr. */
const script = Bun.which("script");

describe.skipIf(script === null)(`doctor on a terminal ${script === null ? "needs script(1)" : ""}`, () => {
  const run = (command: string, env: Record<string, string>) => {
    const child = Bun.spawnSync([script as string, "-qec", command, "/dev/null"], { env, stdin: "ignore" });
    return child.stdout.toString();
  };
  // No kubelet is looked for, and no group that sends anything is made.
  const doctor = `${executable} doctor --offline --kubelet-config /nonexistent`;
  const esc = String.fromCharCode(27);
  const [colour, progress] = [`${esc}[31m`, `${esc}[K`];

  test("has colours and progress", () => {
    const shown = run(doctor, { TERM: "xterm" });
    expect(shown).toContain(`${colour}failed`);
    expect(shown).toContain(progress);
  });

  test("has no colours with NO_COLOR, and has them where it is empty", () => {
    expect(run(doctor, { TERM: "xterm", NO_COLOR: "1" })).not.toContain(colour);
    expect(run(doctor, { TERM: "xterm", NO_COLOR: "" })).toContain(colour);
  });

  test("has neither where the terminal is dumb", () => {
    const shown = run(doctor, { TERM: "dumb" });
    expect(shown).not.toContain(esc);
  });

  test("has no colours where stdout goes elsewhere, and still shows progress", () => {
    const shown = run(`${doctor} | cat`, { TERM: "xterm", PATH: "/usr/bin:/bin" });
    expect(shown).not.toContain(colour);
    expect(shown).toContain(progress);
  });
});

describe("wrong usage of doctor ends with exit status 2", () => {
  test.each([
    [["--kubernetes", "2.0"], "--kubernetes 2.0 is not a release"],
    [["--output", "xml"], "--output xml is not a format"],
    [["--fetch"], "--fetch is not a flag of doctor"],
  ] as const)("%p", async (args, message) => {
    const { status, stdout, stderr } = await runExecutable({ args: ["doctor", ...args] });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
