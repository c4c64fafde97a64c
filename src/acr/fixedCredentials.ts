import { Failure } from "../failure/failure.ts";
import { readPrivateFiles } from "../files/privateFile.ts";
import type { Run } from "../run/run.ts";
import { isPrintable } from "../text/foreignText.ts";

/** For how long the kubelet may keep them (s): short, so that a rotated password is soon used. */
export const FIXED_CREDENTIALS_CACHE_SECONDS = 300;

/**
 * The user name and password kept in the files `username` and `password` of a directory, read at every run.
 * @throws Failure `FixedCredentialsUnusable` when one is missing, empty or readable by others.
 */
export async function readFixedCredentials(
  run: Run,
  directory: string,
): Promise<{ username: string; password: string }> {
  const files = [`${directory}/username`, `${directory}/password`];
  const [username = "", password = ""] = readPrivateFiles(files, "fixed credentials");
  run.secrets.add(password);
  for (const [name, text] of Object.entries({ username, password })) {
    if (isPrintable(text)) continue;
    throw new Failure(
      `read the fixed credentials: ${directory}/${name} holds white space or what is not ASCII`,
      {
        code: "FixedCredentialsUnusable",
        remedy: `write the ${name}, and nothing else, into ${directory}/${name}`,
      },
    );
  }
  return { username, password };
}
