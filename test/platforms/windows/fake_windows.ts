/**
 * A fake Windows for tests on every machine. It does on each runtime what a test under Wine has recorded there
 * (`test/windows/recorded/`), and throws if nothing was recorded.
 * @module
 */
import type { ProcessLike } from "../../../platforms/process/process_like.ts";
import type { Handle, Win32 } from "../../../platforms/windows.ts";
import type { WindowsRuntime } from "../../../scripts/windows/builds.ts";
import { type ConsoleEvent, consoleEvents } from "../../windows/console_events.ts";
import { type HeldEvent, readRecorded, type Recorded } from "../../windows/recorded.ts";
import { type FakeProcess, fakeProcess } from "../fake_process.ts";

/** A fake process on Windows, with functions for what happens to it from outside. */
export interface FakeWindows {
  readonly process: FakeProcess;
  readonly win32: Win32;
  /** Delivers an event to the process. Returns the result of the thread that calls the handler, or that there is no listener. */
  deliver(name: ConsoleEvent): "returned" | "held" | "exited" | "nobody";
  /** Makes an object of that name, as another process would. */
  make(name: string, kind: "event" | "mutex"): void;
  /** Sets an event, as another process would; false if there is none. */
  set(name: string): boolean;
  /** Whether an event is set; undefined if there is none. */
  isSet(name: string): boolean | undefined;
  /** The names of the open objects of the process; `""` for an object without a name. */
  open(): readonly string[];
  /** Whether a thread of the process waits. */
  waits(): boolean;
  /** Makes the waiting thread fail, now and in future. */
  breakWait(error: Error): void;
}

/** An object of Windows, which exists as long as a process has it open. */
interface FakeObject {
  readonly name: string;
  readonly kind: "event" | "mutex";
  readonly manual: boolean;
  set: boolean;
  changed: () => void;
}

/** Returns the recorded result of a case. */
function answerOf<T extends object>(answers: T, name: keyof T, what: string): T[keyof T] {
  if (answers?.[name] !== undefined) return answers[name];
  throw new Error(`Cannot fake ${what}: no test under Wine recorded "${String(name)}"`);
}

/** Makes a fake Windows. `recorded` has the recordings of the runtime under Wine. */
export function fakeWindows(
  runtime: WindowsRuntime,
  options: { readonly recorded?: Recorded; readonly process?: Partial<ProcessLike> } = {},
): FakeWindows {
  const { recorded = readRecorded(runtime) } = options;
  const { calls } = recorded;
  const { deno: _, bun: __, ...others } = fakeProcess().versions;
  const own = runtime.startsWith("node") ? {} : { [runtime]: recorded.version };
  const process = fakeProcess({
    platform: "win32",
    versions: { ...others, ...own },
    ...options.process,
  });
  const objects = new Map<string, FakeObject>();
  const handles = new Map<Handle, FakeObject>();
  let last = 0;
  let taken: Parameters<Win32["takeEvents"]>[1] & { readonly events: readonly number[] } | undefined;
  let waiting = false;
  let waited: readonly FakeObject[] = [];
  let broken: Error | undefined;
  let fail: (error: Error) => void = () => {};

  const handleOf = (object: FakeObject): Handle => {
    const handle = BigInt(++last * 4);
    handles.set(handle, object);
    return handle;
  };
  const change = (object: FakeObject, set: boolean) => {
    object.set = set;
    if (set) object.changed();
  };
  /** Returns "open" or "closed", the cases of the recordings. */
  const act = (
    call: "setEvent" | "resetEvent" | "closeHandle",
    handle: Handle,
    body: (it: FakeObject) => void,
  ) => {
    const object = handles.get(handle);
    const answer = answerOf(calls[call], object === undefined ? "closed" : "open", call);
    if (object !== undefined && answer) body(object);
    return answer;
  };

  const win32: Win32 = {
    openEvent(name) {
      const object = objects.get(name);
      const answer = answerOf(calls.openEvent, object?.kind ?? "missing", "openEvent");
      return answer === "handle" && object !== undefined ? handleOf(object) : undefined;
    },
    createEvent(name, manual) {
      const kind = name === undefined ? "unnamed" : objects.get(name)?.kind ?? "free";
      const answer = answerOf(calls.createEvent, kind as "free", "createEvent");
      if (answer === null) return undefined;
      const object: FakeObject = { name: name ?? "", kind: "event", manual, set: false, changed() {} };
      if (name !== undefined) objects.set(name, object);
      return handleOf(object);
    },
    setEvent: (event) => act("setEvent", event, (object) => change(object, true)),
    resetEvent: (event) => act("resetEvent", event, (object) => change(object, false)),
    closeHandle: (handle) =>
      act("closeHandle", handle, (object) => {
        // https://learn.microsoft.com/en-us/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects
        if (waiting && waited.includes(object)) {
          throw new Error(
            `Cannot fake closeHandle: a thread waits for "${object.name}", and nobody knows what then`,
          );
        }
        const { name } = object;
        handles.delete(handle);
        if (![...handles.values()].some((other) => other.name === name)) objects.delete(name);
      }),
    waitFor(events, told) {
      if (calls.waitFor.end !== "ended" || calls.waitFor.told[0] !== 1) {
        throw new Error("Cannot fake waitFor: what was recorded is something else");
      }
      waited = events.map((event) => handles.get(event)!);
      waiting = true;
      return new Promise<void>((resolve, reject) => {
        const end = (settle: () => void) => {
          waiting = false;
          for (const object of waited) object.changed = () => {};
          settle();
        };
        fail = (error) => end(() => reject(error));
        // Asynchronous, as the real thread: the call that sets an event returns before the wait ends.
        const look = () =>
          queueMicrotask(() => {
            const index = waiting ? waited.findIndex(({ set }) => set) : -1;
            if (index < 0) return;
            const found = waited[index]!;
            if (!found.manual) found.set = false;
            if (index === 0) return end(resolve);
            told(index);
            look();
          });
        for (const object of waited) object.changed = look;
        if (broken === undefined) look();
        else fail(broken);
      });
    },
    takeEvents(events, options) {
      const own = taken = { events, ...options };
      return Promise.resolve(() => {
        if (taken === own) taken = undefined;
      });
    },
  };

  return {
    process,
    win32,
    deliver(name) {
      const number = consoleEvents[name];
      if (taken?.events.includes(number)) {
        const call = taken.held.includes(number) ? "takeEvents" : "passEvents";
        const { told, thread } = answerOf(calls[call], name as HeldEvent, call);
        if (told) taken.told(number);
        return thread;
      }
      const way = answerOf(recorded.events as Required<Recorded["events"]>, "process.on", "an event");
      const { signal, args, thread } = answerOf(way, name, "an event");
      if (signal === null) return thread;
      return process.emit(signal, ...args) ? thread : "nobody";
    },
    make(name, kind) {
      objects.set(name, { name, kind, manual: false, set: false, changed() {} });
    },
    set(name) {
      const object = objects.get(name);
      if (object === undefined) return false;
      change(object, true);
      return true;
    },
    isSet: (name) => objects.get(name)?.set,
    open: () => [...handles.values()].map(({ name }) => name).sort(),
    waits: () => waiting,
    breakWait(error) {
      broken = error;
      if (waiting) fail(error);
    },
  };
}
