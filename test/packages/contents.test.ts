import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { root } from "../../scripts/project.ts";
import {
  archiveOf,
  builtExecutable,
  debOf,
  isPrepared,
  name,
  newPackages,
  rpmOf,
  version,
} from "./support/built.ts";
import { run, sha256 } from "./support/tree.ts";

const platforms = [
  { target: "linux-x64", deb: "amd64", rpm: "x86_64", machine: "X86-64" },
  { target: "linux-arm64", deb: "arm64", rpm: "aarch64", machine: "AArch64" },
];
const documents = `usr/share/doc/${name}`;

/** nfpm's names begin with a slash: cpio alone, as rpmlint uses it, would write to this machine's own folders. */
const carefulCpio = `#!/bin/sh\nexec ${Bun.which("cpio")} --no-absolute-filenames "$@"\n`;

describe.skipIf(!isPrepared).each(platforms)("the packages of $target", ({ target, deb, rpm, machine }) => {
  const debFile = `${newPackages}/${debOf(deb)}`;
  const rpmFile = `${newPackages}/${rpmOf(rpm)}`;
  let folder: string;
  const inDeb = (path: string) => join(folder, "deb", path);
  const inRpm = (path: string) => join(folder, "rpm", path);
  const inArchive = (path: string) => join(folder, "archive", `${name}-${version}-${target}`, path);

  beforeAll(async () => {
    folder = mkdtempSync(`${tmpdir()}/acr-packages-`);
    for (const part of ["deb", "rpm", "archive", "bin"]) mkdirSync(`${folder}/${part}`);
    writeFileSync(`${folder}/bin/cpio`, carefulCpio, { mode: 0o755 });
    const unpack = [
      `dpkg-deb -x ${debFile} ${folder}/deb`,
      // cpio stops reading at its end mark, for which rpm2cpio fails.
      `cd ${folder}/rpm && (rpm2cpio ${rpmFile} || true) | ${folder}/bin/cpio -idm --quiet`,
      `tar -xzf ${newPackages}/${archiveOf(target)} -C ${folder}/archive`,
    ];
    for (const command of unpack)
      expect(await run("bash", "-o", "pipefail", "-c", command)).toMatchObject({ status: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("have the executable as it was built, byte for byte, for this machine", async () => {
    const built = sha256(builtExecutable(target));
    const executable = `usr/bin/${name}`;
    expect([inDeb(executable), inRpm(executable), inArchive(name)].map(sha256)).toEqual([
      built,
      built,
      built,
    ]);
    expect((await run("readelf", "-h", inDeb(executable))).stdout).toMatch(
      new RegExp(`Machine: .*${machine}`),
    );
  });

  test("ask for the C library that the executable needs", async () => {
    const { stdout } = await run("readelf", "--dyn-syms", "--wide", inDeb(`usr/bin/${name}`));
    const needed = [...stdout.matchAll(/@GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
    expect(Math.max(...needed)).toBeLessThanOrEqual(17);
    expect((await run("dpkg-deb", "-f", debFile, "Depends")).stdout).toBe("libc6 (>= 2.17)\n");
    expect((await run("rpm", "-qp", "--requires", rpmFile)).stdout).toBe(
      "libc.so.6(GLIBC_2.17)(64bit)\n/bin/sh\n",
    );
  });

  test("are of the version of package.json, and of their architecture", async () => {
    const fields = await run("dpkg-deb", "-f", debFile, "Package", "Version", "Architecture");
    expect(fields.stdout).toBe(`Package: ${name}\nVersion: ${version}-1\nArchitecture: ${deb}\n`);
    const format = "%{NAME} %{VERSION}-%{RELEASE} %{ARCH} %{BUILDHOST}\n";
    const header = await run("rpm", "-qp", "--qf", format, rpmFile);
    expect(header.stdout).toBe(`${name} ${version}-1 ${rpm} reproducible\n`);
  });

  test("have the link that docker looks for, documents, examples, notices and a manual", () => {
    for (const inside of [inDeb, inRpm]) {
      expect(readlinkSync(inside("usr/bin/docker-credential-aliyun-acr"))).toBe(name);
      expect(readlinkSync(inside("usr/share/man/man1/docker-credential-aliyun-acr.1.gz"))).toBe(
        `${name}.1.gz`,
      );
      expect(readdirSync(inside(`${documents}/node-config/examples`))).toEqual(
        readdirSync(`${root}node-config/examples`),
      );
    }
    const notices = [
      inDeb(`${documents}/NOTICE`),
      inRpm(`usr/share/licenses/${name}/NOTICE`),
      inArchive("NOTICE"),
    ];
    for (const notice of notices) expect(readFileSync(notice, "utf8")).toContain("LGPL-2.1");
    for (const license of [inRpm(`usr/share/licenses/${name}/LICENSE`), inArchive("LICENSE")])
      expect(sha256(license)).toBe(sha256(`${root}LICENSE`));
  });

  test("leave no link of their documents leading nowhere", () => {
    for (const top of [inDeb(documents), inRpm(documents), inArchive("")]) {
      const pages = readdirSync(top, { recursive: true, encoding: "utf8" }).filter((file) =>
        file.endsWith(".md"),
      );
      expect(pages.length).toBeGreaterThan(15);
      expect(pages.flatMap((page) => brokenLinks(join(top, page)))).toEqual([]);
    }
  });

  test("belong to root, and to no one else to write", async () => {
    const { stdout } = await run(
      "rpm",
      "-qp",
      "--qf",
      "[%{FILEUSERNAME} %{FILEGROUPNAME} %{FILEMODES:perms}\n]",
      rpmFile,
    );
    expect(new Set(stdout.trim().split("\n"))).toEqual(
      new Set([
        "root root -rwxr-xr-x",
        "root root l---------",
        "root root drwxr-xr-x",
        "root root -rw-r--r--",
      ]),
    );
    const listed = (await run("dpkg-deb", "-c", debFile)).stdout.trim().split("\n");
    const owners = listed.map((line) => line.split(/\s+/, 2).join(" "));
    expect(
      owners.filter((owner) => !/^(d|-|l)(rwxr-xr-x|rw-r--r--|-{9}) (root\/root|0\/0)$/.test(owner)),
    ).toEqual([]);
  });

  test("are what lintian and rpmlint ask for", async () => {
    const path = `PATH=${folder}/bin:${process.env.PATH}`;
    const linted = await run("env", path, "rpmlint", "-c", `${root}scripts/packages/rpmlint.toml`, rpmFile);
    expect(linted.stdout).toContain("1 packages and 0 specfiles checked; 0 errors, 0 warnings");
    expect(linted.status).toBe(0);
    // Most of its time goes to the executable, and the other package differs in nothing else.
    if (target !== "linux-x64") return;
    const checked = await run("lintian", "--allow-root", "--fail-on", "error,warning", debFile);
    expect(checked).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

function brokenLinks(page: string): string[] {
  const links = readFileSync(page, "utf8").matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g);
  return (
    [...links]
      .map(([, path = ""]) => path)
      // The license is a link out of the folder.
      .filter((path) => lstatSync(resolve(dirname(page), path), { throwIfNoEntry: false }) === undefined)
      .map((path) => `${page}: ${path}`)
  );
}
