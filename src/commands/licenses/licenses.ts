import { type Command, noOperands } from "../../cli/command.ts";
import { notices } from "./generated/notices.ts";

/** `licenses`: the notices of everything inside the executable, made when it was built (`scripts/notices`). */
export const licenses: Command = {
  name: "licenses",
  ...noOperands,
  flags: [],
  help: "print the notices of everything inside the executable",
  run: async ({ print }) => {
    print(notices);
    return 0;
  },
};
