import type { CommandContext } from "../../cli/command.ts";
import { Failure } from "../../failure/failure.ts";

/** A server URL, or with `store` a user name and password, has far less. */
const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

/** What a caller of the protocol wrote to stdin, trimmed. @throws Failure `RequestInvalid`, `Timeout` */
export async function readCaller(context: CommandContext): Promise<string> {
  const bytes = await context.readStdin(MAX_BYTES, TIMEOUT_MS);
  if (bytes.byteLength <= MAX_BYTES) return new TextDecoder().decode(bytes).trim();
  throw new Failure(`unable to read stdin: it is larger than ${MAX_BYTES} bytes`, {
    code: "RequestInvalid",
    remedy: "write the registry's host to stdin, and nothing else",
  });
}
