/**
 * Units that are any program: a command of the operating system. Such a program has no link to its site, so that it is asked by
 * signals, and counts as ready when it has stayed up for a while.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { webClock } from "../../src/web_clock.ts";
import type { Carried, CarriedEnd, CarriedEvents, Carrier, SpawnPlan } from "./carrier.ts";
import { fileOf, notStarted, takeOutput } from "./process_carrier.ts";

/** How commands are carried. */
export interface CommandCarrierOptions {
  /** Milliseconds that a program has to stay up before it counts as ready. */
  readonly steadyMs: number;
  /** Takes what programs print, on both outputs. Default: they print where this process does. */
  readonly output?: ((chunk: Uint8Array) => void) | undefined;
}

/** How long the output of a program that has ended may take to be read, in milliseconds. */
const READ_MS = 250;

/** Makes the carrier. */
export function commandCarrier(options: CommandCarrierOptions): Carrier {
  return { kind: "process", bySignals: true, start: (plan, events) => start(options, plan, events) };
}

function start(options: CommandCarrierOptions, plan: SpawnPlan, events: CarriedEvents): Carried {
  const { steadyMs, output } = options;
  const to = output === undefined ? "inherit" : "pipe";
  let child: ChildProcess;
  try {
    child = spawn(fileOf(plan.entry), plan.args, {
      env: { ...plan.env },
      stdio: ["ignore", to, to],
      windowsHide: true,
      // A process group of its own: Ctrl-C at the terminal reaches this process alone, which decides what becomes of the
      // program; and what the program has started can be ended together with it.
      detached: true,
    });
  } catch (error) {
    return notStarted(events, error);
  }
  takeOutput(child, output);
  const steady = webClock.setTimer(steadyMs, () => {
    if (child.pid !== undefined) events.received({ sitebus: "state", bus: "", state: "run", settled: true });
  });
  watchEnd(child, (end) => {
    steady();
    events.ended(end);
  });
  return {
    pid: child.pid,
    send({ sitebus }) {
      if (sitebus === "exit") signal(child.pid, "SIGTERM");
      else if (sitebus === "reload") signal(child.pid, "SIGHUP");
    },
    kill() {
      if (!signal(group(child.pid), "SIGKILL")) child.kill("SIGKILL");
    },
  };
}

/** Tells the end once, when what the program printed is read. */
function watchEnd(child: ChildProcess, tell: (end: CarriedEnd) => void): void {
  let end: CarriedEnd | undefined;
  let disarm = () => {};
  let told = false;
  const close = () => {
    if (end === undefined || told) return;
    told = true;
    disarm();
    tell(end);
  };
  child.on("error", (error) => {
    if (child.pid !== undefined) return;
    end ??= { error };
    close();
  });
  child.on("exit", (code, signalName) => {
    end ??= { ...(code !== null && { code }), ...(signalName !== null && { signal: signalName }) };
    // Processes that the program started and left behind would be an orphan beside its successor.
    signal(group(child.pid), "SIGKILL");
    disarm = webClock.setTimer(READ_MS, close);
  });
  child.on("close", close);
}

function group(pid: number | undefined): number | undefined {
  return pid === undefined || process.platform === "win32" ? undefined : -pid;
}

/** Sends a signal; returns whether there was somebody to send it to. */
function signal(pid: number | undefined, name: "SIGTERM" | "SIGHUP" | "SIGKILL"): boolean {
  if (pid === undefined) return false;
  try {
    // Not `child.kill`: on Deno the end would then be told as one by this signal, whatever the exit code was.
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
