import { impossible } from "../../test/doctor/support/simulatedKubelet.ts";
import { root } from "../project.ts";
import { doctorStage, explainStage, type Stage } from "./stages.ts";
import { terminalPicture } from "./terminalPicture.ts";

/** A command whose output at a terminal is drawn. */
export interface Picture {
  readonly file: string;
  readonly title: string;
  readonly exitStatus: number;
  readonly stage: () => Promise<Stage>;
  /** Why it cannot be taken on this machine. */
  readonly impossible?: string | undefined;
}

export const pictures: readonly Picture[] = [
  {
    file: "doctor.svg",
    title: "doctor, on a node whose tokens open nothing",
    exitStatus: 1,
    stage: doctorStage,
    impossible,
  },
  {
    file: "explain.svg",
    title: "explain, with a role that may not ask for tokens",
    exitStatus: 1,
    stage: explainStage,
  },
];

const COLUMNS = 144;

/**
 * Runs a command at a pseudo-terminal against a simulated cloud of its own, and draws what it shows: an SVG document.
 * Loopback addresses are replaced by those that they stand in for, times, request ids and process ids by fixed ones, so
 * that the same output gives the same picture. Needs the built executable.
 */
export async function takePicture({ file, title, exitStatus, stage }: Picture): Promise<string> {
  const on = await stage();
  try {
    const { output, status } = await atTerminal(on);
    if (status !== exitStatus) throw new Error(`take ${file}: exit status ${status}:\n${output}`);
    return terminalPicture(`$ ${on.typed}\n${withFixedFacts(output, on)}`, title, COLUMNS);
  } finally {
    await on.remove();
  }
}

/** One run, with a terminal for input, output and errors. */
async function atTerminal({ command, env }: Stage): Promise<{ output: string; status: number }> {
  const decoder = new TextDecoder();
  let output = "";
  let closed = () => {};
  const end = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const child = Bun.spawn([...command], {
    cwd: "/",
    env: { TERM: "xterm-256color", ...env },
    terminal: {
      cols: COLUMNS,
      rows: 50,
      data: (_, bytes) => {
        output += decoder.decode(bytes, { stream: true });
      },
      exit: () => closed(),
    },
  });
  await end;
  const status = await child.exited;
  child.terminal?.close();
  return { output, status };
}

/** @throws where something is left that only this machine has, or that is another one in the next run. */
function withFixedFacts(output: string, { standIns }: Stage): string {
  let request = 0;
  const text = standIns
    .reduce((before, [from, to]) => before.replaceAll(from, to), output)
    .replace(/\b\d+ ms\b/g, "12 ms")
    .replace(/\bprocess \d+\b/g, "process 812")
    .replace(/\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b/g, () => {
      request += 1;
      return `00000000-0000-0000-0000-${String(request).padStart(12, "0")}`;
    });
  for (const own of [root, "/tmp/", "127.0.0.1:"]) {
    if (text.includes(own)) throw new Error(`take a picture: ${own} is left in it:\n${text}`);
  }
  return text;
}
