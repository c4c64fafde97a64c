import { version as packageVersion } from "../../package.json";
import { type Command, noOperands } from "../cli/command.ts";

/** The version of the executable, which is that of the package it was built from. */
export const version: Command = {
  name: "version",
  ...noOperands,
  flags: [],
  help: "print the version",
  run: async ({ print }) => {
    print(`aliyun-acr-credential-provider ${packageVersion}\n`);
    return 0;
  },
};
