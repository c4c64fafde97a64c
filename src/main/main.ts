#!/usr/bin/env bun
import { runProcess } from "./runProcess.ts";

runProcess(process.argv.slice(2), process.argv0).then((status) => process.exit(status));
