/** A child process that answers every line of JSON on stdin with one on stdout. */
export interface LineProcess {
  ask<Answer>(question: unknown): Promise<Answer>;
  read<Answer>(): Promise<Answer>;
  /** Everything it has written to stderr. */
  log(): string;
  /** Closes its stdin and waits for its end. */
  stop(): Promise<void>;
}

export function startLineProcess(
  command: string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): LineProcess {
  const child = Bun.spawn(command, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  const lines = linesOf(child.stdout);
  let log = "";
  const logged = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) log += decoder.decode(chunk, { stream: true });
  })();

  async function read<Answer>(): Promise<Answer> {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command[0]} ended with ${await child.exited}: ${log}`);
    return JSON.parse(value);
  }
  return {
    read,
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      await child.stdin.flush();
      return read();
    },
    log: () => log,
    async stop() {
      await child.stdin.end();
      await child.exited;
      await logged;
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
