import { build, type Metafile, type Plugin } from "esbuild";
import { root } from "../project.ts";
import { ES_MODULES_OF_YAML } from "./yaml.ts";

/** The notices of the executable that Bun is a part of are others. */
const NOTICES_MODULE = /\/generated\/notices\.ts$/;

/** HTTP/2 and SOCKS are never asked for, and loading `node:http2` takes a tenth of the first request. */
const UNUSED_OF_UNDICI = /\/(client-h2|socks5-proxy-agent)(\.js)?$/;

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
    entryPoints: ["src/main/main.ts"],
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
