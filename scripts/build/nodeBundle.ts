import { build, type Metafile, type Plugin } from "esbuild";
import { root } from "../project.ts";
import { ES_MODULES_OF_YAML } from "./yaml.ts";

/** The notices of the executable that Bun is a part of are others. */
const NOTICES_MODULE = /\/generated\/notices\.ts$/;

/** HTTP/2 and SOCKS are never asked for, and loading `node:http2` takes a tenth of the first request. */
const UNUSED_OF_UNDICI = /\/(client-h2|socks5-proxy-agent)(\.js)?$/;

/**
 * What `src/main/main.ts` is for Bun. CommonJS has no `await` at its top; and Node.js would end a process whose promises wait for
 * nothing with exit status 0, which says that there are credentials.
 */
const ENTRY = `
  import { runProcess } from "./runProcess.ts";
  process.exitCode = 1;
  runProcess(process.argv.slice(2), process.argv0).then((status) => process.exit(status));
`;

export interface NodeBundle {
  readonly code: Uint8Array;
  readonly metafile: Metafile;
}

/** The source as one CommonJS script for Node.js 24, and what is in it; `notices` is what the command `licenses` prints. */
export async function nodeBundle(notices: string): Promise<NodeBundle> {
  const noticesOfNode: Plugin = {
    name: "notices of the Node.js flavour",
    setup: ({ onLoad }) => {
      onLoad({ filter: NOTICES_MODULE }, () => ({
        contents: `export const notices = ${JSON.stringify(notices)};`,
      }));
    },
  };
  const leaveOut: Plugin = {
    name: "leave out what undici loads for nothing",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: UNUSED_OF_UNDICI }, ({ path }) => ({ path, namespace: "unused" }));
      onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = undefined;" }));
    },
  };
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: ENTRY, resolveDir: `${root}src/main`, sourcefile: "mainOnNode.ts", loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    legalComments: "none",
    logLevel: "error",
    alias: { yaml: ES_MODULES_OF_YAML },
    plugins: [noticesOfNode, leaveOut],
  });
  const [code] = outputFiles;
  if (code === undefined) throw new Error("bundle for Node.js: esbuild wrote nothing");
  return { code: code.contents, metafile };
}
