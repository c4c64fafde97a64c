import { root } from "../project.ts";

/**
 * The time that every file of a package has, in seconds since the epoch: `SOURCE_DATE_EPOCH`
 * (https://reproducible-builds.org/specs/source-date-epoch/), else that of the commit.
 * @throws Error outside of a checkout.
 */
export function sourceDate(): number {
  const text = process.env.SOURCE_DATE_EPOCH ?? git("log", "-1", "--format=%ct").trim();
  if (!/^\d+$/.test(text)) throw new Error(`SOURCE_DATE_EPOCH: ${text} is not a number of seconds`);
  return Number(text);
}

/** The files of the checkout that git knows, at or below these paths. @throws Error outside of a checkout. */
export function filesOfCheckout(...paths: readonly string[]): string[] {
  return git("ls-files", "-z", "--", ...paths)
    .split("\0")
    .filter((path) => path !== "");
}

function git(...args: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", ...args], { cwd: root });
  if (exitCode !== 0) throw new Error(`git ${args[0]}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
