import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { builtPath } from "../../scripts/release/releaseFolder.ts";
import { builds } from "../../scripts/release/targets.ts";
import { copyCheckout } from "./support/checkoutCopy.ts";

const base = `${root}.cache/release`;

/** Two machines, as far as a build could notice. */
const machines = [
  {
    folder: `${base}/a`,
    home: `${base}/home-a`,
    zone: "UTC",
    locale: "C",
    umask: "022",
    touched: "2001-01-01",
  },
  {
    folder: `${base}/another place/further down/checkout`,
    home: `${base}/home of another`,
    zone: "Asia/Shanghai",
    locale: "C.UTF-8",
    umask: "077",
    touched: "2031-07-07",
  },
];

test.each(builds)("$title built in two folders, homes, zones and times is the same file", (build) => {
  const hashes = machines.map((machine) => builtOn(machine, build));
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[0]).toBe(sha256(builtPath(build.target, build.runtime)));
});

function builtOn(
  { folder, home, zone, locale, umask, touched }: (typeof machines)[number],
  { target, runtime }: (typeof builds)[number],
): string {
  const checkout = copyCheckout(folder);
  mkdirSync(home, { recursive: true });
  spawnSync("find", [`${checkout}src`, `${checkout}scripts`, "-exec", "touch", "-d", touched, "{}", "+"]);
  const args = ["--runtime", runtime, "--target", target];
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", `umask ${umask}; exec "$0" "$@"`, process.execPath, "run", "scripts/build.ts", ...args],
    {
      cwd: checkout,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        HOME: home,
        TMPDIR: home,
        TZ: zone,
        LC_ALL: locale,
        USER: home.slice(-1),
      },
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const hash = sha256(checkout + builtPath(target, runtime).slice(root.length));
  rmSync(checkout, { recursive: true });
  return hash;
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
