import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { TestNode } from "../../support/node.ts";

/** A private file in the node's directory, with the directories above it; returns its path. */
export function writeNodeFile(node: TestNode, name: string, content: string | object, mode = 0o600): string {
  const path = `${node.directory}/${name}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
  return path;
}

/** The files of an AccessKey as `identity.directory` wants them; returns the directory. */
export function writeKeyFiles(node: TestNode, key: { id: string; secret: string; token?: string }): string {
  writeNodeFile(node, "keys/access-key-id", `${key.id}\n`);
  writeNodeFile(node, "keys/access-key-secret", `${key.secret}\n`);
  if (key.token !== undefined) writeNodeFile(node, "keys/security-token", `${key.token}\n`);
  return `${node.directory}/keys`;
}

/** An INI credentials file with one AccessKey. */
export function iniFile({ id, secret }: { id: string; secret: string }): string {
  return `[default]\ntype = access_key\naccess_key_id = ${id}\naccess_key_secret = ${secret}\n`;
}
