import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { MistakeGroup } from "../mistake.ts";

/** Cache and log: they cost calls, never a pull. */
export const onTheNode: MistakeGroup = {
  title: "The cache directory",
  mistakes: [
    {
      title: "Others may write to the cache directory",
      made: "`cache.directory` has mode 0777.",
      line: "log",
      prepare: (_cloud, node) => {
        mkdirSync(node.cacheDirectory);
        chmodSync(node.cacheDirectory, 0o777);
        return undefined;
      },
    },
    {
      title: "The cache directory holds something else",
      made: "`cache.directory` names a directory that is in use, such as `/run`.",
      line: "log",
      prepare: (_cloud, node) => {
        mkdirSync(node.cacheDirectory, { mode: 0o700 });
        writeFileSync(`${node.cacheDirectory}/kubelet.pid`, "1");
        return undefined;
      },
    },
    {
      title: "The cache directory is a symbolic link",
      made: "`cache.directory` is a link to another directory.",
      line: "log",
      prepare: (_cloud, node) => {
        mkdirSync(`${node.directory}/elsewhere`);
        symlinkSync(`${node.directory}/elsewhere`, node.cacheDirectory);
        return undefined;
      },
    },
    {
      title: "A file is in the place of the cache directory",
      made: "`cache.directory` names a file.",
      line: "log",
      prepare: (_cloud, node) => {
        writeFileSync(node.cacheDirectory, "");
        return undefined;
      },
    },
  ],
};
