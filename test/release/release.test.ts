import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { root } from "../../scripts/project.ts";
import { version, writeSums } from "../../scripts/release/releaseFolder.ts";
import { sign } from "../../scripts/release/signature.ts";
import { targets } from "../../scripts/release/targets.ts";
import { imageMissing } from "../chart/setup/imageMissing.ts";
import { goMissing } from "../kubelet/setup/machine.ts";
import { copyCheckout } from "./support/checkoutCopy.ts";

const NAME = "aliyun-acr-credential-provider";
const lacking = Bun.which("minisign") === null ? "minisign is missing" : (goMissing() ?? imageMissing());
const base = `${root}.cache/release`;
const checkout = `${base}/released/`;
const folder = `${checkout}release`;
const publicKey = `${base}/${NAME}.pub`;
const secretKey = `${base}/test.key`;

function run(
  command: readonly string[],
  { cwd = checkout, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
) {
  const [program = "", ...args] = command;
  return spawnSync(program, args, { cwd, encoding: "utf8", env: { ...process.env, ...env } });
}

const release = (args: readonly string[], env: Record<string, string> = {}) =>
  run([process.execPath, "run", "scripts/release.ts", ...args], { env });
const verify = (of: string, args: readonly string[]) =>
  run([process.execPath, "run", "scripts/verifyRelease.ts", of, ...args]);

const who = ["-c", "user.name=test", "-c", "user.email=test@example.invalid"];

/** One commit, whatever state the checkout is in that this runs in. */
beforeAll(() => {
  copyCheckout(checkout.slice(0, -1));
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...who, "commit", "-q", "-m", "test"],
  ]) {
    expect(run(["git", ...args])).toMatchObject({ status: 0 });
  }
  if (lacking) return;
  expect(run(["minisign", "-G", "-W", "-f", "-p", publicKey, "-s", secretKey])).toMatchObject({ status: 0 });
  expect(release([], { RELEASE_MINISIGN_KEY_FILE: secretKey })).toMatchObject({ status: 0 });
});

afterAll(() => {
  for (const path of [checkout, secretKey, publicKey]) rmSync(path, { recursive: true, force: true });
});

describe("a release is not made", () => {
  test("without a signature that nobody asked to do without", () => {
    const { status, stderr } = release(["--output", `${base}/none`]);
    expect(status).toBe(2);
    expect(stderr).toContain("RELEASE_MINISIGN_KEY_FILE names no key: set it, or give --unsigned");
  });

  test("of what is not committed", () => {
    writeFileSync(`${checkout}left-behind`, "");
    const { status, stderr } = release(["--unsigned", "--output", `${base}/none`]);
    rmSync(`${checkout}left-behind`);
    expect(status).toBe(2);
    expect(stderr).toContain("changes that are not committed");
  });

  test("into a folder that holds anything else", () => {
    const { status, stderr } = release(["--unsigned", "--output", `${checkout}docs`]);
    expect(status).toBe(2);
    expect(stderr).toContain("docs is not empty and not a release");
    expect(existsSync(`${checkout}docs/verifying.md`)).toBe(true);
  });

  test("of a version that CHANGELOG.md does not have", () => {
    expect(run(["npm", "version", "--no-git-tag-version", "9.9.9"])).toMatchObject({ status: 0 });
    expect(run(["git", ...who, "commit", "-q", "-a", "-m", "9.9.9"])).toMatchObject({ status: 0 });
    const { status, stderr } = release(["--unsigned", "--output", `${base}/none`]);
    expect(run(["git", "reset", "-q", "--hard", "HEAD~"])).toMatchObject({ status: 0 });
    expect(status).toBe(2);
    expect(stderr).toContain("CHANGELOG.md does not say what is new in 9.9.9");
  });
});

describe.skipIf(lacking !== undefined)(`a release that is signed${lacking ? ` (${lacking})` : ""}`, () => {
  test("has every file in its sums", () => {
    const names = targets.flatMap((target) => [
      ...["", ".cdx.json", ".tar.gz"].map((ending) => `${NAME}-${version}-${target}${ending}`),
      ...[".cdx.json", ".tar.gz"].map((ending) => `${NAME}-${version}-node-${target}${ending}`),
    ]);
    const packages = [
      "_0.1.0-1_amd64.deb",
      "_0.1.0-1_arm64.deb",
      "-0.1.0-1.x86_64.rpm",
      "-0.1.0-1.aarch64.rpm",
    ];
    const once = ["source.tar.gz", "image.tar", "chart.tgz"].map((ending) => `${NAME}-${version}-${ending}`);
    const own = packages.map((ending) => NAME + ending.replace("0.1.0", version));
    const all = [...names, ...once, ...own, "SHA256SUMS", "SHA256SUMS.minisig"];
    expect(readdirSync(folder).sort()).toEqual(all.sort());
  });

  test("is verified by the commands of docs/verifying.md", () => {
    const page = readFileSync(`${root}docs/verifying.md`, "utf8");
    const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
    expect(blocks.length).toBe(4);
    const above = `${base}/stranger`;
    rmSync(above, { recursive: true, force: true });
    cpSync(folder, `${above}/downloads`, { recursive: true });
    copyFileSync(publicKey, `${above}/${NAME}.pub`);
    // As somebody would at one terminal: each block goes on where the one before it ended.
    const env = { version, target: "linux-x64" };
    const { status, stdout, stderr } = run(["sh", "-euc", blocks.join("\n")], {
      cwd: `${above}/downloads`,
      env,
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain(`Trusted comment: ${NAME} ${version}\n`);
    expect(stdout).toContain("ok: the same bytes, built from the source again\neverything\n");
    rmSync(above, { recursive: true });
  });

  test.each([
    [
      "a changed executable",
      "has another sum",
      (at: string) => appendFileSync(`${at}/${NAME}-${version}-linux-arm64`, "\0"),
    ],
    ["a file more", "malware is not in SHA256SUMS", (at: string) => writeFileSync(`${at}/malware`, "")],
    [
      "a file less",
      `missing: ${NAME}-${version}-linux-x64.tar.gz`,
      (at: string) => rmSync(`${at}/${NAME}-${version}-linux-x64.tar.gz`),
    ],
    ["other sums", "signature of the sums", (at: string) => appendFileSync(`${at}/SHA256SUMS`, " ")],
    ["no signature", "signature of the sums", (at: string) => rmSync(`${at}/SHA256SUMS.minisig`)],
  ])("is refused with %s", (_, why, change) => {
    const changed = `${base}/changed`;
    rmSync(changed, { recursive: true, force: true });
    cpSync(folder, changed, { recursive: true });
    change(changed);
    const { status, stderr } = verify(changed, ["--key", publicKey]);
    expect(status).toBe(1);
    expect(stderr).toContain(why);
    rmSync(changed, { recursive: true });
  });

  test("is refused with an executable that was changed before it was signed", () => {
    const changed = `${base}/changed`;
    rmSync(changed, { recursive: true, force: true });
    cpSync(folder, changed, { recursive: true });
    appendFileSync(`${changed}/${NAME}-${version}-linux-x64`, "\0");
    writeSums(changed);
    sign(changed, secretKey);
    const { status, stdout, stderr } = verify(changed, ["--key", publicKey]);
    expect(status).toBe(1);
    expect(stdout).toContain("ok: sums of all files");
    expect(stderr).toContain("NOT OK: SBOM of linux-x64: it is of another executable");
    rmSync(changed, { recursive: true });
  });

  test("is refused by another key", () => {
    const other = { public: `${base}/other.pub`, secret: `${base}/other.key` };
    run(["minisign", "-G", "-W", "-f", "-p", other.public, "-s", other.secret]);
    expect(verify(folder, ["--key", other.public])).toMatchObject({ status: 1 });
    for (const path of Object.values(other)) rmSync(path);
  });
});
