import { type KubeletFiles, Unreadable } from "../../src/kubelet/credentialProviderConfig/kubeletFiles.ts";

/** Files that exist in memory only: by path the content, or an Error that is thrown for it. */
export function filesOf(contents: Readonly<Record<string, string | Uint8Array | Error>>): KubeletFiles {
  const isDirectory = (path: string) => Object.keys(contents).some((file) => file.startsWith(`${path}/`));
  return {
    kindOf: (path) => (isDirectory(path) ? "directory" : path in contents ? "file" : undefined),
    list: (directory) =>
      Object.keys(contents)
        .filter((file) => file.startsWith(`${directory}/`))
        .map((file) => file.slice(directory.length + 1)),
    read(path) {
      const content = contents[path] ?? new Unreadable("it does not exist");
      if (content instanceof Error) throw content;
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
  };
}
