/** The rooms of src from the top to the ground floor, for dependency-cruiser: imports go downwards, never in a circle. */
const rows = [
  ["main"],
  ["commands"],
  ["plugin", "install"],
  ["cli", "kubelet"],
  ["acr"],
  ["registry", "access"],
  ["identity", "distribution"],
  ["openapi"],
  ["run"],
  ["config"],
  ["cache"],
  ["log"],
  ["files", "host", "text"],
  ["failure"],
];

/** A room imports from the rows below its own. */
const downwards = rows.flatMap((row, index) =>
  row.map((room) => {
    const others = rows
      .slice(0, index + 1)
      .flat()
      .filter((other) => other !== room);
    return {
      name: `${room} imports downwards`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${others.join("|")})/` },
    };
  }),
);

module.exports = {
  forbidden: [
    { name: "no circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "every room has its row",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(${rows.flat().join("|")})/` },
      to: {},
    },
    ...downwards,
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
