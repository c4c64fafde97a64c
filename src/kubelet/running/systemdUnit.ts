import { basename } from "node:path";
import { type PlacedFiles, textOf } from "../credentialProviderConfig/kubeletFiles.ts";
import { assignmentsIn } from "./environmentFile.ts";
import { shellWords } from "./shellWords.ts";

/** A service as its unit file and the drop-ins for it say, of what leads to a command line. */
export interface ServiceUnit {
  readonly name: string;
  /** The unit file, then the drop-ins in their order. */
  readonly files: readonly string[];
  /** By `Environment=`. */
  readonly environment: ReadonlyMap<string, string>;
  /** By `EnvironmentFile=`, in order; they go over `environment`, and later ones over earlier ones. */
  readonly environmentFiles: readonly string[];
  /** The line of `ExecStart=`. */
  readonly execStart: string;
}

/** From the one that counts most (systemd.unit(5), "Unit File Load Path"). */
const unitFolders = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** Reads a service, `kubelet` for `kubelet.service`; undefined where there is none, or it is masked. */
export function readUnit(files: PlacedFiles, name: string): ServiceUnit | undefined {
  const main = unitFolders
    .map((folder) => `${folder}/${name}.service`)
    .find((path) => files.kindOf(path) !== undefined);
  if (main === undefined || files.here(main) === files.here("/dev/null")) return undefined;
  const paths = [main, ...dropIns(files, name)];
  const settings = paths.flatMap((path) => serviceSettings(textOf(files, path) ?? ""));
  return {
    name,
    files: paths,
    environment: new Map(listed(settings, "Environment").flatMap(environmentPairs)),
    environmentFiles: listed(settings, "EnvironmentFile").map((value) => value.replace(/^-/, "")),
    execStart: listed(settings, "ExecStart").at(-1) ?? "",
  };
}

/** The variables that the service is started with. A file that is missing counts for nothing. */
export function environmentOf(files: PlacedFiles, unit: ServiceUnit): Map<string, string> {
  const environment = new Map(unit.environment);
  for (const file of unit.environmentFiles) {
    for (const { name, value } of assignmentsIn(textOf(files, file) ?? "")) environment.set(name, value);
  }
  return environment;
}

/**
 * The words of the command that the service is started by next, variables put in as systemd does it: `$NAME` as a word of
 * its own becomes the words of its value, `${NAME}` is put in as it is (systemd.service(5), "Command lines").
 */
export function commandLineOf(files: PlacedFiles, unit: ServiceUnit): string[] {
  const environment = environmentOf(files, unit);
  const variable = (name: string) => environment.get(name) ?? "";
  const [program, ...words] = shellWords(unit.execStart.replace(/^[-@:+!]*/, ""));
  const args = words.flatMap((word) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (whole !== undefined) return shellWords(variable(whole));
    return [
      word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (all, name?: string) =>
        name === undefined ? all.slice(1) : variable(name),
      ),
    ];
  });
  return program === undefined ? [] : [program, ...args];
}

/** Whether the command line has the variable, so that a change of it changes the service. */
export function usesVariable({ execStart }: ServiceUnit, name: string): boolean {
  return new RegExp(`\\$(?:${name}\\b|\\{${name}\\})`).test(execStart);
}

/** Of two drop-ins of one name that in the earlier folder counts; they apply in the order of their names. */
function dropIns(files: PlacedFiles, name: string): string[] {
  const byName = new Map<string, string>();
  for (const folder of unitFolders.map((path) => `${path}/${name}.service.d`)) {
    const names = files.kindOf(folder) === "directory" ? files.list(folder) : [];
    for (const file of names.filter((each) => each.endsWith(".conf"))) {
      if (!byName.has(file)) byName.set(file, `${folder}/${file}`);
    }
  }
  const paths = [...byName.values()].filter((path) => files.here(path) !== files.here("/dev/null"));
  return paths.sort((one, other) => (basename(one) < basename(other) ? -1 : 1));
}

type Setting = readonly [name: string, value: string];

function serviceSettings(text: string): Setting[] {
  let section = "";
  const settings: Setting[] = [];
  for (const line of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue;
    const header = /^\[(.*)\]$/.exec(trimmed)?.[1];
    if (header !== undefined) section = header;
    const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (section === "Service" && name !== undefined) settings.push([name, value ?? ""]);
  }
  return settings;
}

/** The values of a setting; an empty one takes back those before it. */
function listed(settings: readonly Setting[], name: string): string[] {
  const values = settings.filter((setting) => setting[0] === name).map(([, value]) => value);
  return values.slice(values.lastIndexOf("") + 1);
}

function environmentPairs(value: string): [string, string][] {
  return shellWords(value).flatMap((pair) => {
    const end = pair.indexOf("=");
    return end < 1 ? [] : [[pair.slice(0, end), pair.slice(end + 1)] as [string, string]];
  });
}
