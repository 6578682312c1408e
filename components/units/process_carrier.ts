/**
 * Units that are child processes of the same runtime, with IPC.
 * @module
 */
import type { UrlLike } from "../../src/internal.ts";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { webClock } from "../../src/web_clock.ts";
import type { Carried, CarriedEnd, CarriedEvents, Carrier, SpawnPlan } from "./carrier.ts";
import type { HeldSocket } from "./held_socket.ts";

/** The options that all processes of one pool share. */
export interface ProcessCarrierOptions {
  /** The flags before the program on the command line. */
  readonly flags: readonly string[];
  /** The sockets that every process inherits. */
  readonly sockets: () => readonly HeldSocket[];
  /** Whom the processes run as. */
  readonly ids?: { readonly uid: number; readonly gid: number } | undefined;
  /** Takes what they print, on both outputs. Default: they print where this process does. */
  readonly output?: ((chunk: Uint8Array) => void) | undefined;
}

/** How long after its end a process may have something left to be read, where the runtime does not say that all was read. */
const READ_MS = 50;

/** The first number that a process inherits sockets at. */
const FIRST_FD = 3;

/** Makes the carrier. */
export function processCarrier(options: ProcessCarrierOptions): Carrier {
  return { kind: "process", start: (plan, events) => start(options, plan, events) };
}

function start(options: ProcessCarrierOptions, plan: SpawnPlan, events: CarriedEvents): Carried {
  const { flags, sockets, ids, output } = options;
  const to = output === undefined ? "inherit" : "pipe";
  const { inSlots, words } = numbered(sockets());
  const entry = fileOf(plan.entry);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [...flags, entry, ...plan.args], {
      env: { ...plan.env, ...(words !== "" && { SITEBUS_FDS: words }) },
      // Structured clones in place of JSON. A parent that is killed closes the channel, and so tells the child.
      serialization: "advanced",
      stdio: ["ignore", to, to, ...inSlots, "ipc"],
      windowsHide: true,
      ...ids,
    });
  } catch (error) {
    // Too many open files, for instance: some runtimes throw it, others tell it.
    return notStarted(events, error);
  }
  takeOutput(child, output);
  watchEnd(child, events, output !== undefined);
  child.on("message", (message) => events.received(message));
  return {
    pid: child.pid,
    send(message) {
      if (!child.connected) return;
      try {
        child.send(message, ignoreFailure);
      } catch {
        // It has just ended, and `ended` says so.
      }
    },
    kill() {
      child.kill("SIGKILL");
    },
  };
}

/** Tells the end when the process is gone and all that it said is read. */
function watchEnd(child: ChildProcess, events: CarriedEvents, isRead: boolean): void {
  let end: CarriedEnd | undefined;
  let disarm = () => {};
  let told = false;
  const tell = () => {
    if (end === undefined || told) return;
    told = true;
    disarm();
    events.ended(end);
  };
  child.on("error", (error) => {
    // Of one that runs, it is a message that could not be sent.
    if (child.pid !== undefined) return;
    end ??= { error };
    tell();
  });
  child.on("exit", (code, signal) => {
    end ??= { ...(code !== null && { code }), ...(signal !== null && { signal }) };
    if (!child.connected && !isRead) tell();
    else disarm = webClock.setTimer(READ_MS, tell);
  });
  child.on(isRead ? "close" : "disconnect", tell);
}

/**
 * How the sockets are inherited: what is put in further slots, and how the child finds all of them. A socket that stays at
 * its number has the slot of that number, which would otherwise become the IPC of the child.
 */
function numbered(
  sockets: readonly HeldSocket[],
): { readonly inSlots: (number | "inherit")[]; readonly words: string } {
  const inSlots: (number | "inherit")[] = [];
  const staying = new Set(sockets.flatMap(({ fd, stays }) => stays ? [fd] : []));
  while (staying.has(FIRST_FD + inSlots.length)) inSlots.push("inherit");
  const words = sockets.map(({ name, fd, stays }) => {
    if (stays) return `${fd}:${name}`;
    inSlots.push(fd);
    return `${FIRST_FD + inSlots.length - 1}:${name}`;
  });
  return { inSlots, words: words.join(",") };
}

/** A path as a command line has it. */
export function fileOf(entry: string | UrlLike): string {
  const text = typeof entry === "string" ? entry : entry.href;
  return text.startsWith("file:") ? fileURLToPath(text) : text;
}

// Without it, saying something to a process that is just ending would be an `error` event.
function ignoreFailure(): void {}

/** Passes the output of a process to `output`, if there is one. */
export function takeOutput(child: ChildProcess, output: ((chunk: Uint8Array) => void) | undefined): void {
  if (output === undefined) return;
  child.stdout?.on("data", output);
  child.stderr?.on("data", output);
}

/** A process that could not be started; its end is told a moment later, as that of any other. */
export function notStarted(events: CarriedEvents, error: unknown): Carried {
  queueMicrotask(() => events.ended({ error }));
  return { send() {}, kill() {} };
}
