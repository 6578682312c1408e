/**
 * The two threads of the platform: one waits for event objects, the other holds the handler of console events. Both would
 * block the event loop. Each is a worker made from text, which works in sources, in the built package and in a bundle.
 * @module
 */
import { builtinModule, type ProcessLike, type WorkerLike } from "../process/process_like.ts";
import { addByBun } from "./add_by_bun.ts";
import type { Kernel } from "./kernel.ts";

// Waits for events until the first one of them ends the wait. An answer that is not an index is a failure of Windows. Node
// cannot end a thread that blocks in a call, and would wait for it for ever: on Node the thread polls from its event loop.
const waitingThread = `
const { parentPort, workerData: { runtime, koffi, events } } = require("node:worker_threads");
const [library, name] = ["kernel32.dll", "WaitForMultipleObjects"];
const load = {
  node: () => require(koffi).load(library).func(name, "uint32", ["uint32", "void *", "int32", "uint32"]),
  deno: () =>
    Deno.dlopen(library, { [name]: { parameters: ["u32", "buffer", "i32", "u32"], result: "u32" } }).symbols[name],
  bun: () =>
    require("bun:ffi").dlopen(library, { [name]: { args: ["u32", "ptr", "i32", "u32"], returns: "u32" } })
      .symbols[name],
};
const wait = load[runtime]();
const handles = new Uint8Array(BigUint64Array.from(events).buffer);
const [limit, timeout, pauseMs] = [runtime === "node" ? 0 : 0xffffffff, 258, 50];
const look = () => {
  for (let index; (index = wait(events.length, handles, 0, limit)) !== 0;) {
    if (index === timeout) return setTimeout(look, pauseMs);
    if (index >= events.length) throw new Error("WaitForMultipleObjects answers " + index);
    parentPort.postMessage(index);
  }
};
look();
`;

// Windows calls the handler "take" on this thread and waits for its result. 0 leaves the event to the other handlers; another
// value says that the event is handled, and after some events Windows then ends the process. For an event of "held" the
// handler never returns, so that the bus has time to stop. After a release the handler stays registered, and returns 0:
// Windows has a lock while it calls a handler, and a handler that never returns, such as Node's own for CTRL_CLOSE, keeps
// that lock, so that removing a handler would wait for ever.
const holdingThread = `
const { parentPort, workerData: { runtime, koffi, events, held } } = require("node:worker_threads");
const [library, name] = ["kernel32.dll", "SetConsoleCtrlHandler"];
const never = new Int32Array(new SharedArrayBuffer(4));
let released = false;
const take = (event) => {
  if (released || !events.includes(event)) return 0;
  parentPort.postMessage(event);
  if (held.includes(event)) Atomics.wait(never, 0, 0);
  return 1;
};
const add = {
  node() {
    const { load, pointer, proto, register } = require(koffi);
    const type = pointer(proto("int __stdcall ConsoleListener(uint32_t event)"));
    const listener = register(take, type);
    return { listener, added: load(library).func(name, "int32", [type, "int32"])(listener, 1) };
  },
  deno() {
    const listener = new Deno.UnsafeCallback({ parameters: ["u32"], result: "i32" }, take);
    listener.ref();
    const { symbols } = Deno.dlopen(library, { [name]: { parameters: ["function", "i32"], result: "i32" } });
    return { listener, added: symbols[name](listener.pointer, 1) };
  },
  bun: ${addByBun},
};
// Keeps the listener from garbage collection, for as long as Windows may call it.
const kept = add[runtime]();
if (kept.added === 0) throw new Error("SetConsoleCtrlHandler answers 0");
parentPort.on("message", () => released = true);
parentPort.postMessage(kept.stop ?? "taken");
kept.wait?.();
`;

/** Waits for events. Calls `told` with the index of each event that was set; the first event ends the wait instead. */
export async function waitFor(
  process: ProcessLike,
  kernel: Kernel,
  { events, told }: { readonly events: readonly bigint[]; readonly told: (index: number) => void },
): Promise<void> {
  const { ended } = makeThread(process, kernel, {
    text: waitingThread,
    data: { events },
    told: (index) => told(index as number),
  });
  await ended;
}

/** How console events are taken. */
export interface TakeOptions {
  /** The events whose handler is held until the process ends. For the other events the handler returns at once. */
  readonly held: readonly number[];
  /** Called with each event. */
  readonly told: (event: number) => void;
}

/** Takes console events, and holds the handler of some while the process stops. Resolves to a function that releases them. */
export function takeEvents(
  process: ProcessLike,
  kernel: Kernel,
  { events, held, told }: TakeOptions & { readonly events: readonly number[] },
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const { worker, ended } = makeThread(process, kernel, {
      text: holdingThread,
      data: { events, held },
      told(message) {
        if (typeof message === "number") told(message);
        // A thread that blocks receives no message. It sent the handle of the event object that ends its wait.
        else if (typeof message === "bigint") resolve(() => void kernel.symbols.SetEvent(message));
        else resolve(() => worker.postMessage("release"));
      },
    });
    ended.then(() => reject(new Error("the thread that listens has ended")), reject);
  });
}

/** The source of a thread, its data, and the listener for its messages. */
interface ThreadOptions {
  readonly text: string;
  readonly data: object;
  readonly told: (message: unknown) => void;
}

/** Makes a thread that does not keep the process alive; `park` does that. */
function makeThread(
  process: ProcessLike,
  { runtime, koffi }: Kernel,
  { text, data, told }: ThreadOptions,
): { readonly worker: WorkerLike; readonly ended: Promise<void> } {
  const { Worker } = builtinModule(process, "node:worker_threads");
  // Without the program's own flags: modules that they preload must not run in this thread.
  const worker = new Worker(text, { eval: true, execArgv: [], workerData: { runtime, koffi, ...data } });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => resolve());
  });
  worker.on("message", told);
  // After the listeners: on Node, a listener for messages keeps the process alive.
  worker.unref();
  return { worker, ended };
}
