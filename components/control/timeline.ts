/**
 * The last start and the last stop of a bus, as its log tells them. Nothing is added to the work of the bus: a record of the
 * log is looked at when it comes.
 * @module
 */
import { dependenciesOf } from "../../src/internal.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { LogRecord } from "../../src/records.ts";
import type { State } from "../../src/states.ts";
import { criticalPath } from "./critical_path.ts";
import { watchLog } from "./watch_log.ts";

/** The start, drain or stop of one component. */
export interface TimelineSpan {
  /** The component. */
  readonly name: string;
  /** Whether it started, drained or stopped. */
  readonly state: "start" | "drain" | "stop";
  /** Milliseconds from the beginning of the whole to its own beginning. */
  readonly from: number;
  /** Milliseconds that it took. */
  readonly ms?: number;
  /** The components that it starts after and stops before. */
  readonly dependsOn: readonly string[];
  /** `late`: its time was over, and the bus went on without it; it has an `ms` once it has settled. */
  readonly status: "running" | "done" | "failed" | "late";
}

/** One state of the bus. */
export interface TimelinePhase {
  /** The state. */
  readonly state: State;
  /** Milliseconds from the beginning of the whole. */
  readonly from: number;
  /** Milliseconds until it had settled. */
  readonly ms?: number;
}

/** One start, or one stop. */
export interface Timeline {
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** How long the whole took, in milliseconds; absent while it is under way. */
  readonly ms?: number;
  /** The states that it went through. */
  readonly phases: readonly TimelinePhase[];
  /** The spans of the components, in the order in which they began. */
  readonly spans: readonly TimelineSpan[];
  /** The names of the components that decided how long it took, in the order of time. */
  readonly critical: readonly string[];
}

/** The last start and the last stop; absent where there was none since the timelines are kept. */
export interface Timelines {
  /** The last start. */
  readonly start?: Timeline;
  /** The last stop. */
  readonly stop?: Timeline;
}

interface Draft {
  readonly kind: "start" | "stop";
  readonly at: number;
  readonly began: number;
  ms: number | undefined;
  readonly phases: Writable<TimelinePhase>[];
  readonly spans: Writable<TimelineSpan>[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const BEGINS: Readonly<Record<string, TimelineSpan["state"]>> = {
  starting: "start",
  draining: "drain",
  stopping: "stop",
};

/** Where a start ends. */
const STARTED: readonly unknown[] = ["run", "start_error"];

/** Keeps the last start and the last stop of one bus, from when it is made. */
export class TimelineKeeper {
  readonly #bus: ProcessBus;
  readonly #unwatch: () => void;
  #start: Draft | undefined;
  #stop: Draft | undefined;
  /** The one that is under way, or was last. */
  #present: Draft | undefined;

  constructor(bus: ProcessBus) {
    this.#bus = bus;
    this.#unwatch = watchLog(bus, (record) => this.#take(record));
  }

  /** The timeline so far, as plain data. */
  read(): Timelines {
    const now = this.#bus.platform.clock.now();
    return {
      ...this.#start && { start: plain(this.#start, now) },
      ...this.#stop && { stop: plain(this.#stop, now) },
    };
  }

  /** Ends the keeping; what is known stays. */
  close(): void {
    this.#unwatch();
  }

  #take(record: LogRecord): void {
    const { event } = record;
    if (event === "state") this.#enter(record);
    else if (event === "settled") this.#settle(record);
    else if (event === "component") this.#component(record);
    else if (event === "failure") this.#fail(record);
    else if (event === "late") this.#late(record);
  }

  #enter({ state, time }: LogRecord): void {
    const now = this.#bus.platform.clock.now();
    if (state === "start" || state === "drain") {
      const kind = state === "drain" ? "stop" : "start";
      const draft: Draft = { kind, at: time, began: now, ms: undefined, phases: [], spans: [] };
      this.#present = draft;
      if (kind === "start") this.#start = draft;
      else this.#stop = draft;
      // A start that was given up is over.
      if (kind === "stop" && this.#start) this.#start.ms ??= now - this.#start.began;
    }
    const { ms, began, phases } = this.#present ?? { ms: 0 };
    if (state && ms === undefined) phases?.push({ state, from: now - (began ?? now) });
  }

  #settle({ state, ms, goal }: LogRecord): void {
    const draft = this.#present;
    const phase = draft?.phases.at(-1);
    if (!draft || draft.ms !== undefined || phase?.state !== state) return;
    if (typeof ms === "number") phase!.ms = ms;
    if (state === "drain") this.#drained(draft);
    const isOver = draft.kind === "start" ? STARTED.includes(state) : isStopped(state, goal);
    if (isOver) draft.ms = this.#bus.platform.clock.now() - draft.began;
  }

  /** No record says when the drain of a component has ended; the report knows how long each took. */
  #drained(draft: Draft): void {
    const times = new Map(this.#bus.inspect().components?.map(({ name, ms }) => [name, ms]));
    for (const span of draft.spans) {
      if (span.state !== "drain" || span.status !== "running") continue;
      span.status = "done";
      span.ms = times.get(span.name) ?? this.#bus.platform.clock.now() - draft.began - span.from;
    }
  }

  #component({ component, status, ms }: LogRecord): void {
    const draft = this.#present;
    if (!draft || typeof component !== "string" || draft.ms !== undefined) return;
    const state = BEGINS[String(status)];
    if (state) {
      const from = this.#bus.platform.clock.now() - draft.began;
      const dependsOn = dependenciesOf(this.#bus, component);
      draft.spans.push({ name: component, state, from, status: "running", dependsOn });
    } else if (status === "up") end(draft, component, "start", { ms, status: "done" });
    else if (status === "down") end(draft, component, "stop", { ms, status: "done" });
  }

  #fail({ listener, channel, kind, ms }: LogRecord): void {
    const draft = this.#present;
    if (!draft || typeof listener !== "string") return;
    const status = kind === "timeout" ? "late" : "failed";
    end(draft, listener, channel, { status, ...kind !== "timeout" && { ms } });
  }

  #late({ listener, channel, ms }: LogRecord): void {
    for (const draft of [this.#stop, this.#start]) {
      const span = draft?.spans.find((span) =>
        span.name === listener && span.state === channel && span.status === "late"
      );
      if (span && typeof ms === "number") span.ms = ms;
    }
  }
}

/** A stop that leads to the exit passes through `idle`, and ends with the process. */
function isStopped(state: State | undefined, goal: unknown): boolean {
  return state === "exited" || state === "idle" && goal !== "exit" && goal !== "restart";
}

function end(
  { spans }: Draft,
  name: string,
  state: unknown,
  { ms, status }: { readonly ms?: unknown; readonly status: TimelineSpan["status"] },
): void {
  const span = spans.findLast((span) =>
    span.name === name && span.state === state && span.status === "running"
  );
  if (!span) return;
  span.status = status;
  if (typeof ms === "number") span.ms = ms;
}

function plain({ at, ms, began, phases, spans }: Draft, now: number): Timeline {
  const path = criticalPath(spans, ms ?? now - began);
  return {
    at,
    ...ms !== undefined && { ms },
    phases: phases.map((phase) => ({ ...phase })),
    spans: spans.map((span) => ({ ...span })),
    critical: [...new Set(path.map(({ name }) => name))],
  };
}
