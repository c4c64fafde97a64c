import { root } from "../project.ts";

/** The package's entry for Node is CommonJS, which loads in twice the time of its ES modules. */
export const ES_MODULES_OF_YAML = `${root}node_modules/yaml/browser/dist/index.js`;
