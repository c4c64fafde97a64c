import { root } from "../../../scripts/project.ts";
import type { Release } from "./releases.ts";

export { executable } from "../../support/executable.ts";
export const goSources = `${root}test/kubelet/harness`;
/** The module that pins them; no code of its own. */
export const clientSources = `${root}test/kubelet/clients`;

/** The module that pins kubeadm. */
export const kubeadmSources = `${root}test/kubelet/kubeadm`;

/** What is built once and kept until its sources change. */
const builds = `${root}.cache/kubelet`;
const buildsOf = (release: Release) => `${builds}/v${release.version}`;
export const harnessOf = (release: Release) => `${buildsOf(release)}/harness`;
export const kubeletOf = (release: Release) => `${buildsOf(release)}/kubelet`;

export const kubeadm = `${builds}/kubeadm/kubeadm`;

/** The program of every container in these tests: it waits to be told to stop. */
export const podProgram = `${builds}/pod/wait`;

/** A client of registries, by the name of its command. */
export const clientOf = (name: string) => `${builds}/clients/${name}`;

/** What the services of the last whole node said. */
export const logs = `${builds}/logs`;

/** A program that makes calls with Alibaba Cloud's own Go modules, and mozillazg's released credential helper. */
export const officialClients = `${builds}/officialClients`;
export const releasedHelper = `${builds}/docker-credential-acr-helper`;
/** The files of a Debian with systemd. */
export const debianTree = `${builds}/debian`;
/** What differs from it on the nodes that run; on one file system with the kubelets, which are linked. */
export const nodesFolder = `${builds}/nodes`;
