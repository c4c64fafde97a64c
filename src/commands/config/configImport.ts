import { resolve } from "node:path";
import type { Command, CommandContext } from "../../cli/command.ts";
import { configFiles, unreadable } from "../../config/configFile.ts";
import { importConfiguration } from "../../config/importConfiguration.ts";
import { formatProblem } from "../../config/problem.ts";
import { writeKeyFiles } from "./keyFiles.ts";

const MAX_BYTES = 1024 * 1024;
const STDIN_TIMEOUT_MS = 60_000;

/**
 * `config import FILE`: an `acr-configuration` ConfigMap (YAML or JSON; `-` is stdin) in, the native config on stdout,
 * warnings on stderr. AccessKey pairs go into files with `--write-keys DIR`, and are never printed.
 */
export const configImport: Command = {
  name: "config import",
  operands: "FILE",
  operandCount: { min: 1, max: 1 },
  flags: ["--write-keys"],
  help: "print an acr-configuration ConfigMap (- is stdin) as native config",
  run: importConfig,
};

async function importConfig(context: CommandContext): Promise<number> {
  const { operands, flags, secrets, print, complain } = context;
  const { "--write-keys": directory } = flags;
  const [file = ""] = operands;
  const { text, mode } = await read(file, context);
  const imported = await importConfiguration(text, {
    onSecret: (value) => secrets.add(value),
    ...(typeof directory === "string" ? { keysDirectory: resolve(directory) } : {}),
  });
  const { yaml, keyFiles, warnings } = imported;
  if (typeof directory === "string") writeKeyFiles(keyFiles);
  const notes = [
    ...warnings.map(formatProblem),
    ...(keyFiles.length > 0 && typeof directory !== "string"
      ? [`the AccessKey files that identity.directory names are still to be made: ${keysLeft(keyFiles)}`]
      : []),
    ...(keyFiles.length > 0 && (mode & 0o077) !== 0
      ? [`${file} holds an AccessKey secret and is open to group or others: remove it when this is done`]
      : []),
  ];
  for (const note of notes) complain(`warning: ${note}\n`);
  print(secrets.redact(yaml));
  return 0;
}

async function read(file: string, context: CommandContext): Promise<{ text: string; mode: number }> {
  if (file === "-") {
    const bytes = await context.readStdin(MAX_BYTES, STDIN_TIMEOUT_MS);
    return { text: new TextDecoder().decode(bytes), mode: 0o600 };
  }
  const found = configFiles.read(file);
  if (found === undefined) throw unreadable(file, "it does not exist", "name the exported ConfigMap");
  return found;
}

function keysLeft(keyFiles: readonly { readonly path: string }[]): string {
  const folders = [...new Set(keyFiles.map(({ path }) => path.slice(0, path.lastIndexOf("/"))))];
  return `import with --write-keys DIR, or fill ${folders.join(", ")} (files access-key-id, access-key-secret, mode 0600)`;
}
