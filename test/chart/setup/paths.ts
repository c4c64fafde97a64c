import { root } from "../../../scripts/project.ts";

export const chart = `${root}node-config/chart`;
/** The module that pins helm, helm-unittest and kubeconform; no code of its own. */
export const toolSources = `${root}test/chart/tools`;

/** What is built once and kept until its sources change. */
const builds = `${root}.cache/chart`;
export const toolOf = (name: string) => `${builds}/tools/${name}`;
/** The oldest and the newest release whose API the chart is held to. */
export const apiReleases = ["1.33.9", "1.37.0"] as const;
/** The API's own schemas, by release, as kubeconform reads them. */
export const schemasOf = (version: string) => `${builds}/schemas/v${version}`;

/** The image as `npm run image` makes it; beside it the same as an archive. */
export const image = `${builds}/image`;

/** Without this in the environment, the tests skip themselves: they need what `npm run test:chart` builds. */
export const isEnabled = process.env.ACR_TEST_CHART === "1";
