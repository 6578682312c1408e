/**
 * The tests' agent on Windows, run by Deno under Wine. The agent acts on the program under test as a parent, a console or
 * another program would. Each line of its input is a request, `{ id, name, value }` as JSON; each line of its output is a
 * response, `{ id, value }` or `{ id, error }`. The agent ends when its input ends, and all of its Wine ends with it.
 */
import { createInterface } from "node:readline";
import process from "node:process";
import {
  addressOf,
  call,
  exitCodeOf,
  hasCome,
  must,
  type ProcessStart,
  startProcess,
  waitFor,
  wide,
} from "./_windows_kernel.ts";

/** The result of an event: the thread that ran the handlers returned, or ended with its process, or is still held. */
export interface Delivered {
  readonly end: "returned" | "exited" | "held";
  /** Milliseconds until then. */
  readonly heldMs: number;
}

/** The requests that the agent serves. Each takes one object; a request that waits has a timeout in milliseconds. */
export interface Agent {
  /** Starts a program in a console of its own; resolves to its pid. */
  start(given: ProcessStart): Promise<number>;
  /** Resolves to the exit code. */
  exited(given: { readonly pid: number; readonly withinMs: number }): Promise<number>;
  /** Ends a process by force, as Windows does after its time limit. */
  terminate(given: { readonly pid: number }): Promise<void>;
  /**
   * Delivers a console event by its number, and waits for its thread. With `terminates`, the agent ends the process when the
   * thread has returned, or after `limitMs`, as Windows does after CLOSE, LOGOFF and SHUTDOWN.
   */
  deliver(given: {
    readonly pid: number;
    readonly event: number;
    readonly limitMs: number;
    readonly terminates: boolean;
  }): Promise<Delivered>;
  /** Makes a manual-reset event, and keeps it. */
  createEvent(given: { readonly name: string }): Promise<void>;
  /** Makes a mutex, and keeps it: the name is then taken by another kind of object. */
  createMutex(given: { readonly name: string }): Promise<void>;
  /** Sets an event that another process made. */
  setEvent(given: { readonly name: string }): Promise<void>;
  /** Waits for an event that another process made. */
  waitForEvent(
    given: { readonly name: string; readonly withinMs: number },
  ): Promise<{ readonly came: boolean; readonly ms: number }>;
  /** Whether there is an event of that name. */
  hasEvent(given: { readonly name: string }): Promise<boolean>;
}

const ended = 0xC000_013A;
const allAccess = 0x1F_FFFF;
const eventAccess = 0x1F_0003;

const processes = new Map<number, bigint>();
const objects = new Map<string, bigint>();

const agent: Agent = {
  async start(given) {
    const env = { ...process.env as Record<string, string>, ...given.env };
    const { handle, pid } = startProcess({ ...given, env });
    processes.set(pid, handle);
    return pid;
  },

  async exited({ pid, withinMs }) {
    const handle = handleOf(pid);
    for (const until = performance.now() + withinMs; !hasCome(handle);) {
      if (performance.now() > until) throw new Error(`${pid} still runs after ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return exitCodeOf("Process", handle);
  },

  async terminate({ pid }) {
    call("TerminateProcess", handleOf(pid), ended);
  },

  /** As Windows itself does: a new thread of the process calls what was registered, the last one first. */
  async deliver({ pid, event, limitMs, terminates }) {
    const target = handleOf(pid);
    const routine = addressOf("kernelbase.dll", "CtrlRoutine");
    const began = performance.now();
    const thread = must("CreateRemoteThread", target, null, 0n, routine, BigInt(event), 0, null);
    const returned = await waitFor(thread, limitMs);
    const heldMs = performance.now() - began;
    // The thread also ends with its process, and then has the exit code of the process; CtrlRoutine itself returns 1.
    const answered = returned && exitCodeOf("Thread", thread) === 1 && !hasCome(target);
    must("CloseHandle", thread);
    const alive = !await waitFor(target, answered ? 0 : 500);
    if (terminates && alive) call("TerminateProcess", target, ended);
    return { heldMs, end: !returned ? "held" : answered ? "returned" : "exited" };
  },

  async createEvent({ name }) {
    objects.set(name, must("CreateEventW", null, 1, 0, wide(name)));
  },

  async createMutex({ name }) {
    objects.set(name, must("CreateMutexW", null, 0, wide(name)));
  },

  async setEvent({ name }) {
    const handle = must("OpenEventW", eventAccess, 0, wide(name));
    must("SetEvent", handle);
    must("CloseHandle", handle);
  },

  async waitForEvent({ name, withinMs }) {
    const handle = must("OpenEventW", eventAccess, 0, wide(name));
    const began = performance.now();
    const came = await waitFor(handle, withinMs);
    must("CloseHandle", handle);
    return { came, ms: performance.now() - began };
  },

  async hasEvent({ name }) {
    const handle = call("OpenEventW", eventAccess, 0, wide(name)) as bigint;
    if (BigInt(handle) === 0n) return false;
    must("CloseHandle", handle);
    return true;
  },
};

/** Returns the handle of a process. A process that the agent did not start is opened at its first use. */
function handleOf(pid: number): bigint {
  const handle = processes.get(pid) ?? must("OpenProcess", allAccess, 0, pid);
  processes.set(pid, handle);
  return handle;
}

function answer(id: number, outcome: object): void {
  process.stdout.write(`${JSON.stringify({ id, ...outcome })}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, name, value } = JSON.parse(line) as { id: number; name: keyof Agent; value: unknown };
  // Requests are not served one after another: some wait for the effect of a later one.
  (agent[name] as (value: unknown) => Promise<unknown>)(value).then(
    (value) => answer(id, { value }),
    (error) => answer(id, { error: String(error) }),
  );
}
process.exit(0);
