#!/usr/bin/env bun
import { runProcess } from "./runProcess.ts";

process.exit(await runProcess(process.argv.slice(2), process.argv0));
