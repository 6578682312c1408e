/**
 * What a random program is: its components and listeners, what each of them does when it is called, the host it
 * runs on, and what is asked of the bus at which instant. Plain data, so that a counter-example can be read and kept.
 * @module
 */
import type { State } from "../../../mod.ts";

/** What one function of the program does when the bus calls it. Times are virtual milliseconds. */
export type Act =
  | { readonly does: "return" }
  | { readonly does: "turns"; readonly turns: number }
  | { readonly does: "wait"; readonly ms: number }
  | { readonly does: "delay"; readonly ms: number }
  | { readonly does: "heed"; readonly then: "return" | "throw" }
  | { readonly does: "throw" }
  | { readonly does: "reject"; readonly ms: number }
  | { readonly does: "hang" }
  /** An odd value of `_odd_values.ts`, by its name. */
  | { readonly does: "odd"; readonly how: "throw" | "reject" | "return"; readonly value: string }
  | { readonly does: "extend"; readonly by: number; readonly ms: number }
  | {
    readonly does: "request";
    readonly goal: "start" | "stop" | "exit" | "graceful" | "restart";
    readonly code?: number;
  }
  | { readonly does: "call"; readonly ask: Ask; readonly waits: boolean };

/** What is asked of the bus. */
export type Ask =
  | { readonly ask: "start" | "stop" | "graceful" | "restart" | "block" | "run" }
  /** `givenUp`: the milliseconds after which its signal aborts. */
  | { readonly ask: "reload"; readonly givenUp?: number }
  /** The process is frozen: its time jumps by so many milliseconds. */
  | { readonly ask: "freeze"; readonly ms: number }
  | { readonly ask: "exit"; readonly code?: number }
  | { readonly ask: "use"; readonly component: ComponentPlan }
  | { readonly ask: "remove"; readonly component: number }
  | { readonly ask: "hold"; readonly act: Act }
  | { readonly ask: "wait"; readonly states: readonly State[]; readonly timeout?: number }
  | { readonly ask: "signal"; readonly name: "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGUSR2" | "SIGQUIT" }
  | { readonly ask: "notice"; readonly ms: number }
  | { readonly ask: "abandon" };

/** When it is asked: `turns` microtasks after `ms` after the pulse of that number; or as soon as nothing else happens. */
export type Moment = "rest" | { readonly pulse: number; readonly ms: number; readonly turns: number };

export interface Request {
  readonly at: Moment;
  readonly what: Ask;
}

/** What preparing a reload does; what was prepared says what `commit` and `rollback` do. */
export interface ReloadPlan {
  readonly prepare: Act;
  readonly commit?: Act;
  readonly rollback?: Act;
}

export interface ComponentPlan {
  readonly name: string;
  readonly dependsOn?: readonly string[] | "all";
  readonly startWithin?: number;
  readonly stopWithin?: number;
  readonly join?: "now" | "next";
  readonly start?: Act;
  readonly run?: Act;
  readonly drain?: Act;
  readonly stop?: Act;
  readonly reload?: ReloadPlan;
}

export interface ListenerPlan {
  readonly channel: Exclude<State, "initial"> | "restart" | "reload";
  readonly priority: number;
  readonly within?: number;
  readonly once?: boolean;
  readonly act: Act;
  /** Only on the channel `reload`. */
  readonly prepared?: Omit<ReloadPlan, "prepare">;
}

export interface Plan {
  readonly onStartFailure: "exit" | "idle";
  readonly deadlines: Readonly<
    Record<"enter" | "start" | "drain" | "stop" | "exit" | "reload" | "settle", number>
  >;
  readonly atMost: Readonly<Partial<Record<"enter" | "start" | "drain" | "stop" | "exit", number>>>;
  readonly attach?: Act;
  readonly leave?: Act;
  /** Where it is missing, the platform cannot respawn; `code` is that of a child that it waits for. */
  readonly respawn?: { readonly act: Act; readonly code?: number };
  readonly components: readonly ComponentPlan[];
  readonly listeners: readonly ListenerPlan[];
  readonly requests: readonly Request[];
  /** What a guest without rights brings. */
  readonly guest?: {
    readonly components: readonly ComponentPlan[];
    readonly listeners: readonly ListenerPlan[];
  };
}

/** The plan in words: what is as usual is left out. */
export function planText(plan: Plan): string {
  const lines = [
    `deadlines ${pairs(plan.deadlines)}; at most ${
      pairs(plan.atMost) || "twice that"
    }; onStartFailure ${plan.onStartFailure}`,
    `platform: attach ${actText(plan.attach)}, leave ${actText(plan.leave)}, ${
      plan.respawn ? `respawn ${actText(plan.respawn.act)} code ${plan.respawn.code}` : "cannot respawn"
    }`,
    ...plan.components.map((c) => `component ${componentText(c)}`),
    ...plan.listeners.map((l, i) => `listener l${i} ${listenerText(l)}`),
    ...plan.guest?.components.map((c) => `guest's component ${componentText(c)}`) ?? [],
    ...plan.guest?.listeners.map((l, i) => `guest's listener l${i} ${listenerText(l)}`) ?? [],
    ...plan.requests.map((r, i) => `request #${i} ${momentText(r.at)}: ${askText(r.what)}`),
  ];
  return lines.join("\n");
}

function listenerText(l: ListenerPlan): string {
  const within = l.within === undefined ? "" : ` within ${l.within}`;
  const prepared = l.prepared ? ` → ${pairs({ ...l.prepared }, actText)}` : "";
  return `on ${l.channel} at ${l.priority}${within}${l.once ? " once" : ""}: ${actText(l.act)}${prepared}`;
}

function componentText(c: ComponentPlan): string {
  const { name, dependsOn, reload, join, startWithin, stopWithin, ...acts } = c;
  return [
    `${name}${
      dependsOn === undefined ? "" : ` after ${dependsOn === "all" ? "all" : dependsOn.join("+") || "none"}`
    }:`,
    pairs(acts, actText),
    pairs(dense({ join, startWithin, stopWithin })),
    reload ? `reload {${pairs({ ...reload }, actText)}}` : "",
  ].filter((part) => part !== "").join(" ");
}

export function askText(what: Ask): string {
  const { ask, ...rest } = what;
  if (what.ask === "use") return `use(${componentText(what.component)})`;
  if (what.ask === "hold") return `hold(${actText(what.act)})`;
  return `${ask}(${Object.values(rest).map((v) => Array.isArray(v) ? v.join("|") : String(v)).join(", ")})`;
}

function actText(act: Act | undefined): string {
  if (act === undefined) return "returns";
  const { does, ...rest } = act;
  if (act.does === "call") return `calls ${askText(act.ask)}${act.waits ? " and waits for it" : ""}`;
  return [does.endsWith("s") ? does : `${does}s`, ...Object.values(rest)].join(" ");
}

function momentText(at: Moment): string {
  return at === "rest" ? "at rest" : `at pulse ${at.pulse} + ${at.ms} ms + ${at.turns} turns`;
}

function pairs<T>(record: Readonly<Record<string, T>>, text: (value: T) => string = String): string {
  return Object.entries(record).map(([key, value]) => `${key} ${text(value)}`).join(", ");
}

/** Without the keys whose value is undefined, for `exactOptionalPropertyTypes` and for short counter-examples. */
export function dense<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never;
}
