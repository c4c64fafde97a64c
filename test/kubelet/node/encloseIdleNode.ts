/** Starts an idle node in an enclosure, so that a test can kill whoever started one. */
import { enclose } from "./enclosure.ts";

await enclose([process.execPath, `${import.meta.dir}/idleNode.ts`]).ended();
