import type { RuntimeName } from "../release/targets.ts";

/**
 * What may become a part of the executable, and why it is worth that. It runs as root on every node: a package is added here by
 * a person who has read it, or the build ends.
 */
export const allowedPackages: Readonly<Record<string, string>> = {
  ajv: "writes, when we build, the code that checks the config against its schema; nothing else of it is inside",
  arg: "parses the command line: one file, without packages of its own",
  diff: "shows how a file of the node would change, before it is changed; without packages of its own",
  undici:
    "makes HTTPS requests in the Node.js flavour: proxies and authorities, which Bun's own fetch takes; the HTTP client of Node.js' project, without packages of its own",
  yaml: "reads and writes YAML with the place of each value, which messages name; without packages of its own",
};

/** What is there for one runtime alone. */
const onlyOn: Readonly<Record<string, RuntimeName>> = { undici: "node" };

/** @throws Error that names what is bundled with this runtime and not allowed, or allowed and not bundled any more. */
export function checkAllowed(bundled: readonly string[], runtime: RuntimeName = "bun"): void {
  const allowed = Object.keys(allowedPackages).filter((name) => (onlyOn[name] ?? runtime) === runtime);
  const unknown = bundled.filter((name) => !allowed.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `bundle ${unknown.join(", ")}: not in scripts/notices/allowedPackages.ts; read it and add it with a reason, or do without`,
    );
  }
  const gone = allowed.filter((name) => !bundled.includes(name));
  if (gone.length > 0) {
    throw new Error(
      `bundle nothing of ${gone.join(", ")}: remove it from scripts/notices/allowedPackages.ts`,
    );
  }
}
