import type { Cloud } from "../../test/cloud/cloud.ts";
import { startCloud } from "../../test/cloud/cloud.ts";
import { accountA, nodeRoleName } from "../../test/cloud/defaultWorld.ts";
import { roleArn } from "../../test/cloud/model/arn.ts";
import { executable } from "../../test/support/executable.ts";
import { type TestNode, testNode } from "../../test/support/node.ts";
import { root } from "../project.ts";
import { terminalPicture } from "./terminalPicture.ts";

/** A command whose output at a terminal is drawn. */
interface Picture {
  readonly file: string;
  readonly title: string;
  readonly args: readonly string[];
  readonly exitStatus: number;
  /** What is different in the simulated cloud. */
  readonly prepare?: (cloud: Cloud) => void;
}

const image = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";

const pictures: readonly Picture[] = [
  {
    file: "explain.svg",
    title: "explain, with a role that may not ask for tokens",
    args: ["explain", image, "--fetch"],
    exitStatus: 1,
    prepare: (cloud) =>
      cloud.revoke({ arn: roleArn(accountA, nodeRoleName), action: "cr:GetAuthorizationToken" }),
  },
];

const COLUMNS = 144;

/**
 * Runs each command at a pseudo-terminal against a simulated cloud of its own, and draws what it shows: SVG documents by
 * file name. Loopback addresses are replaced by those that they stand in for, times and request ids by fixed ones, so
 * that the same output gives the same picture. Needs the built executable.
 */
export async function takePictures(): Promise<ReadonlyMap<string, string>> {
  const taken = new Map<string, string>();
  for (const picture of pictures) taken.set(picture.file, await take(picture));
  return taken;
}

async function take({ file, title, args, exitStatus, prepare }: Picture): Promise<string> {
  const cloud = await startCloud();
  const node = testNode(cloud);
  try {
    prepare?.(cloud);
    const { output, status } = await atTerminal(args, node);
    if (status !== exitStatus) throw new Error(`take ${file}: exit status ${status}:\n${output}`);
    const prompt = `$ aliyun-acr-credential-provider ${args.join(" ")}\n`;
    return terminalPicture(prompt + withFixedFacts(output, cloud, node), title, COLUMNS);
  } finally {
    node.remove();
    await cloud.stop();
  }
}

/** One run, with a terminal for input, output and errors, and the node's config by its variable. */
async function atTerminal(
  args: readonly string[],
  { configFile }: TestNode,
): Promise<{ output: string; status: number }> {
  const decoder = new TextDecoder();
  let output = "";
  let closed = () => {};
  const end = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const child = Bun.spawn([executable, ...args], {
    cwd: "/",
    env: { TERM: "xterm-256color", ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: configFile },
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
function withFixedFacts(output: string, cloud: Cloud, node: TestNode): string {
  const program = "aliyun-acr-credential-provider";
  const urls = [
    [cloud.endpoints.acr, "https://cr.cn-hangzhou.aliyuncs.com"],
    [cloud.endpoints.sts, "https://sts.cn-hangzhou.aliyuncs.com"],
    [cloud.endpoints.metadata, "http://100.100.100.200"],
  ] as const;
  const replaced = [
    ...urls,
    ...urls.map(([from, to]) => [new URL(from).host, new URL(to).host] as const),
    [node.configFile, `/etc/${program}/config.yaml`],
    [node.cacheDirectory, `/run/${program}`],
    [node.logFile, `/var/log/${program}.log`],
    [executable, `/usr/local/lib/credential-providers/${program}`],
  ] as const;
  let request = 0;
  const text = replaced
    .reduce((before, [from, to]) => before.replaceAll(from, to), output)
    .replace(/\b\d+ ms\b/g, "12 ms")
    .replace(/\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b/g, () => {
      request += 1;
      return `00000000-0000-0000-0000-${String(request).padStart(12, "0")}`;
    });
  for (const own of [root, node.directory, cloud.caFile, "127.0.0.1:"]) {
    if (text.includes(own)) throw new Error(`take a picture: ${own} is left in it:\n${text}`);
  }
  return text;
}
