// What Node, Deno and Bun share: held against Deno's types by deno.ts, against those of @types/bun by bun.ts.
import nodeProcess from "node:process";
import async_hooks from "node:async_hooks";
import child_process from "node:child_process";
import diagnostics_channel from "node:diagnostics_channel";
import fs from "node:fs";
import module from "node:module";
import os from "node:os";
import timers from "node:timers";
import tty from "node:tty";
import worker_threads from "node:worker_threads";
import type { PortLike } from "../../platforms/embedded.ts";
import type { BuiltinModules, ProcessLike } from "../../platforms/process/process_like.ts";

export const process: ProcessLike = nodeProcess;
// The inspector is asked on Node alone.
export const modules: Omit<BuiltinModules, "bun:ffi" | "node:inspector"> = {
  "node:async_hooks": async_hooks,
  "node:child_process": child_process,
  "node:diagnostics_channel": diagnostics_channel,
  "node:fs": fs,
  "node:module": module,
  "node:os": os,
  "node:timers": timers,
  "node:tty": tty,
  "node:worker_threads": worker_threads,
};

// What an embedded bus is driven over goes in without a cast.
export const ports: readonly (PortLike | null)[] = [
  nodeProcess,
  worker_threads.parentPort,
  new worker_threads.MessageChannel().port1,
  new MessageChannel().port1,
];
