import { chart, toolOf } from "../setup/paths.ts";

/** What `helm template` renders of the chart. @throws Error with what it said. */
export function helmTemplate(...flags: string[] | readonly string[]): string {
  return ran(toolOf("helm"), "template", "acr", chart, ...flags);
}

/** What a program prints; it has no HOME of anyone. @throws Error with what it said when it fails. */
export function ran(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { env: { PATH: "/usr/bin:/bin" } });
  if (exitCode !== 0) throw new Error(`${command.slice(1).join(" ")}: ${stderr}${stdout}`);
  return stdout.toString();
}
