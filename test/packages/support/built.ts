import { name, version } from "../../../scripts/about.ts";
import { root } from "../../../scripts/project.ts";
import { type Release, releases } from "../../kubelet/setup/releases.ts";

export { name, version } from "../../../scripts/about.ts";

/** Whether `npm run test:packages` runs these tests: they need what it builds. */
export const isPrepared = process.env.ACR_TEST_PACKAGES !== undefined;

/** Command to Debian package. */
export const tools: Readonly<Record<string, string>> = {
  "dpkg-deb": "dpkg",
  git: "git",
  ip: "iproute2",
  lintian: "lintian",
  mmdebstrap: "mmdebstrap",
  readelf: "binutils",
  rpm: "rpm",
  rpm2cpio: "rpm",
  rpmlint: "rpmlint",
  cpio: "cpio",
  setpriv: "util-linux",
  unshare: "util-linux",
};

const builds = `${root}.cache/packages`;
export const newPackages = `${builds}/new`;
export const oldPackages = `${builds}/old`;
export const OLD_VERSION = "0.0.9";

/** The kubelet on the node of these tests. */
export const kubeletRelease = releases.at(-1) as Release;

export const archiveOf = (target: string) => `${name}-${version}-${target}.tar.gz`;
export const debOf = (architecture: string, of = version) => `${name}_${of}-1_${architecture}.deb`;
export const rpmOf = (architecture: string, of = version) => `${name}-${of}-1.${architecture}.rpm`;

/** The executable that the packages are made of. */
export const builtExecutable = (target: string) => `${root}dist/${name}-${target}`;
