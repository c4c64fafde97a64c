/** The manual page, from what the commands say of themselves. */
import { flags } from "../../src/cli/flags.ts";
import { commands } from "../../src/main/commands.ts";
import { plugin } from "../../src/plugin/plugin.ts";
import { name, version } from "../about.ts";

const documents = `/usr/share/doc/${name}`;

/** In troff, for man(7). `date`: seconds since the epoch. */
export async function manualPage(date: number): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const day = new Date(date * 1000).toISOString().slice(0, 10);
  return [
    `.TH ALIYUN\\-ACR\\-CREDENTIAL\\-PROVIDER 1 ${day} "${name} ${version}" "User Commands"`,
    ".SH NAME",
    escaped(`${name}, docker-credential-aliyun-acr`).concat(
      " \\- credentials for images in Alibaba Cloud Container Registry",
    ),
    ".SH SYNOPSIS",
    `.B ${escaped(name)}`,
    escaped("[--config FILE] [--log-file FILE] [--log-level LEVEL] < CredentialProviderRequest"),
    ".br",
    `.B ${escaped(name)}`,
    "COMMAND [ARGUMENTS] [FLAGS]",
    ".br",
    `.B ${escaped("docker-credential-aliyun-acr")}`,
    "get|list|store|erase",
    ".SH DESCRIPTION",
    "Without a command it is an image credential provider of the kubelet, which runs it when it pulls an image.",
    escaped(
      "As docker-credential-aliyun-acr it is a credential helper of docker, helm, skopeo, oras and crane.",
    ),
    ".SH COMMANDS",
    ...all.flatMap(({ name, operands, help }) => entry(`${name} ${operands}`.trim(), help)),
    ".SH FLAGS",
    "Before or after the command. Each command tells its own flags with",
    `.BR ${escaped("--help")} .`,
    ...plugin.flags.flatMap((flag) => {
      const described = flags[flag];
      return entry("value" in described ? `${flag} ${described.value}` : flag, described.help);
    }),
    ".SH EXIT STATUS",
    "0: done; 1: it could not be done; 2: wrong usage, wrong config or a malformed request.",
    ".SH FILES",
    ...entry(`/etc/${name}/config.yaml`, "the config, if there is one"),
    ...entry(`/run/${name}`, "the tokens that are kept"),
    ...entry(documents, "all documents, examples among them"),
    ...entry(`${documents}/node-config`, "configs for the kubelet and for the plugin, to be copied"),
    "",
  ].join("\n");
}

function entry(term: string, text: string): string[] {
  return [".TP", `.B ${escaped(term)}`, escaped(text)];
}

/** A hyphen is set as a minus, so that what is copied from the page is what was meant. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "...")
    .replace(/^(?=[.'])/, "\\&");
}
