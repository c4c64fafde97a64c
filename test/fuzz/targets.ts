import { parserTargets } from "./parsers.ts";
import { registryTargets } from "./registryAnswers.ts";
import { storyTargets } from "./stories.ts";
import type { Target } from "./target.ts";

/** Everything that is fuzzed: `npm run fuzz`, and a little of it in `npm test`. */
export const targets: readonly Target[] = [...parserTargets, ...storyTargets, ...registryTargets];
