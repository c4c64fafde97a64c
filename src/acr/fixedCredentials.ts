import { Failure } from "../failure/failure.ts";
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
  const { readPrivateFile } = await import("../files/privateFile.ts");
  const read = (name: string) => {
    const text = readPrivateFile(`${directory}/${name}`, "fixed credentials");
    if (isPrintable(text)) return text;
    throw new Failure(
      `read the fixed credentials: ${directory}/${name} holds white space or what is not ASCII`,
      {
        code: "FixedCredentialsUnusable",
        remedy: `write the ${name}, and nothing else, into ${directory}/${name}`,
      },
    );
  };
  const username = read("username");
  const password = read("password");
  run.secrets.add(password);
  return { username, password };
}
