import { acceptedConfigs } from "./acceptedConfigs.ts";
import { refusedFields } from "./refusedFields.ts";
import { refusedTexts } from "./refusedTexts.ts";
import { refusedTokens } from "./refusedTokens.ts";

/** A config for the kubelet, and what becomes of it in 1.34 and later. */
export interface ConfigCase {
  readonly about: string;
  readonly text: string;
  /** Undefined: the kubelet starts with it. Else what our message says, with path and line. */
  readonly refused: string | undefined;
}

export const configCases: readonly ConfigCase[] = [
  ...acceptedConfigs.map(([about, text]) => ({ about, text, refused: undefined })),
  ...[...refusedTexts, ...refusedFields, ...refusedTokens].map(([about, text, message]) => ({
    about,
    text,
    refused: message,
  })),
];
