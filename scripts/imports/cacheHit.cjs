const { options } = require("./rooms.cjs");

/** What a cache hit must not evaluate: it is behind an `import()`, which this cruise does not follow. */
const heavy = [
  "^(node:)?(crypto|http|https|net|tls|dns|child_process|util|tty|path)$",
  "node_modules/",
  "^src/openapi/(call|transport|signature|retry)\\.ts$",
  "^src/config/(yaml|acrConfiguration|validation)/",
  "^src/config/(loadConfig|keepConfig|generated/validate|importConfiguration|showConfig|readSource)\\.",
  "^src/main/(commandLine|commands|help)\\.",
  "^src/commands/",
];

module.exports = {
  forbidden: [
    {
      name: "nothing heavy on a cache hit",
      severity: "error",
      from: { path: "^src/main/main\\.ts$" },
      to: { path: heavy, reachable: true },
    },
  ],
  options: {
    ...options,
    // Imports of types are gone when the code runs.
    tsPreCompilationDeps: false,
    exclude: { dynamic: true },
  },
};
