import type { Repository } from "../../../distribution/repository.ts";
import type { Check, CheckStatus } from "../check.ts";
import type { PullContext } from "./pullRemedies.ts";

/** The steps of a pull in order; one that fails leaves out those that need it. */
export const pullSteps = ["image", "credentials", "registry", "login", "manifest", "layer"] as const;
export type PullStep = (typeof pullSteps)[number];

/** What trying a pull has shown. */
export interface ImagePull {
  readonly image: string;
  readonly checks: Check[];
  context?: PullContext;
  /** With what lets in, once the login has succeeded. */
  repository?: Repository;
  /** The hosts that the registry itself has named. */
  realm?: URL;
  layers?: URL;
}

/** A step that did what it should, or was left out. */
export interface Done<Value> {
  readonly value?: Value;
  readonly found: string;
  readonly status?: CheckStatus;
  readonly remedy?: string;
}
