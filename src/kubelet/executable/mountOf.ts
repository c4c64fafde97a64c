/** A mount, as far as it decides whether a file on it can be run. */
export interface Mount {
  readonly point: string;
  readonly noexec: boolean;
}

/**
 * The mount that a path is on, by the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)); undefined for a text without
 * any.
 * @param path absolute, without links.
 */
export function mountOf(path: string, mountinfo: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of mountinfo.split("\n")) {
    const [, , , , escaped, options] = line.split(" ");
    if (escaped === undefined || options === undefined) continue;
    const point = escaped.replace(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const holds = point === "/" || path === point || path.startsWith(`${point}/`);
    // Of two on one point the later one is on top.
    if (holds && point.length >= (found?.point.length ?? 0)) {
      found = { point, noexec: options.split(",").includes("noexec") };
    }
  }
  return found;
}
