/**
 * Random programs, the likely ones first: most start well, few do harm.
 * @module
 */
import fc from "fast-check";
import type { State } from "../../../mod.ts";
import { ODD_ERRORS, ODD_THENABLES } from "../_odd_values.ts";
import {
  type Act,
  type Ask,
  type ComponentPlan,
  dense,
  type ListenerPlan,
  type Moment,
  type Plan,
  type ReloadPlan,
  type Request,
} from "./plan.ts";

/** The channels that a plain listener may be on, the usual ones first. */
const channels = [
  "start",
  "stop",
  "drain",
  "run",
  "exit",
  "idle",
  "enter",
  "exited",
  "start_error",
  "stop_error",
  "exit_error",
  "restart",
  "reload",
] as const satisfies readonly ListenerPlan["channel"][];

const states = [
  "enter",
  "idle",
  "start",
  "run",
  "drain",
  "stop",
  "exit",
  "exited",
  "start_error",
  "stop_error",
  "exit_error",
] as const satisfies readonly State[];

const ms = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most / 10 }).map((n) => n * 10);
const span = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least / 20, max: most / 20 }).map((n) => n * 20);
const code = fc.constantFrom(0, 1, 3);
/** A property that is there in so many of ten programs. */
const maybe = <T>(value: fc.Arbitrary<T>, tenths = 5): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 10 - tenths, arbitrary: fc.constant(undefined) },
    { weight: tenths, arbitrary: value },
  );

/** Those that answer at once: what comes of them is known when they are returned. */
const oddThenables = Object.keys(ODD_THENABLES).filter((name) => !/later|for ever/.test(name));

const oddError = (...ways: ("throw" | "reject")[]): fc.Arbitrary<Act> =>
  fc.record({
    does: fc.constant("odd" as const),
    how: fc.constantFrom(...ways),
    value: fc.constantFrom(...Object.keys(ODD_ERRORS)),
  });

const plain: fc.Arbitrary<Act> = fc.oneof(
  { withCrossShrink: true },
  { weight: 12, arbitrary: fc.constant<Act>({ does: "return" }) },
  {
    weight: 9,
    arbitrary: fc.record({ does: fc.constant("turns" as const), turns: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant("delay" as const), ms: ms(60) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("wait" as const), ms: ms(250) }) },
  { weight: 1, arbitrary: fc.constant<Act>({ does: "throw" }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("reject" as const), ms: ms(120) }) },
  { weight: 1, arbitrary: fc.constant<Act>({ does: "hang" }) },
  { weight: 1, arbitrary: oddError("throw", "reject") },
);

const call: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({
    ask: fc.constantFrom(
      "start" as const,
      "stop" as const,
      "graceful" as const,
      "restart" as const,
      "reload" as const,
    ),
  }),
  fc.record({ ask: fc.constant("exit" as const), code }),
  fc.record({
    ask: fc.constant("wait" as const),
    states: fc.uniqueArray(fc.constantFrom(...states), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ ask: fc.constant("remove" as const), component: fc.nat(4) }),
);

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { withCrossShrink: true },
  { weight: 20, arbitrary: plain },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("odd" as const),
      how: fc.constant("return" as const),
      value: fc.constantFrom(...oddThenables),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("heed" as const),
      then: fc.constantFrom("return" as const, "throw" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("extend" as const), by: ms(200), ms: ms(250) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("request" as const),
      goal: fc.constantFrom(
        "start" as const,
        "stop" as const,
        "graceful" as const,
        "restart" as const,
        "exit" as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("request" as const), goal: fc.constant("exit" as const), code }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("call" as const), ask: call, waits: fc.boolean() }) },
);

const reloadPlan: fc.Arbitrary<ReloadPlan> = fc.record({
  prepare: plain,
  commit: maybe(plain),
  rollback: maybe(plain),
}).map(dense);

function component(
  name: string,
  others: readonly string[],
  act: fc.Arbitrary<Act> = anyAct,
): fc.Arbitrary<ComponentPlan> {
  return fc.record({
    dependsOn: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      ...(others.length > 0
        ? [{
          weight: 5,
          arbitrary: fc.subarray([...others], { minLength: 1, maxLength: Math.min(2, others.length) }),
        }]
        : []),
      { weight: 2, arbitrary: fc.constant("all" as const) },
    ),
    startWithin: maybe(span(20, 200), 2),
    stopWithin: maybe(span(20, 200), 2),
    start: maybe(act, 9),
    run: maybe(act, 2),
    drain: maybe(act, 5),
    stop: maybe(act, 9),
    reload: maybe(reloadPlan, 2),
  }).map((parts) => dense({ name, ...parts }));
}

/** Components that name only ones before them and none that says "all", so that there is no cycle; in any order. */
const components: fc.Arbitrary<readonly ComponentPlan[]> = fc.integer({ min: 3, max: 5 }).chain((count) => {
  const names = Array.from({ length: count }, (_, i) => `c${i}`);
  return fc.tuple(...names.map((name, i) => component(name, names.slice(0, i)))).map((list) => {
    const all = new Set(list.filter((c) => c.dependsOn === "all").map((c) => c.name));
    return list.map((c) => {
      if (c.dependsOn === undefined || c.dependsOn === "all") return c;
      return { ...c, dependsOn: c.dependsOn.filter((name) => !all.has(name)) };
    });
  });
}).chain((list) => fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length }));

const listener = (act: fc.Arbitrary<Act> = anyAct): fc.Arbitrary<ListenerPlan> =>
  fc.record({
    channel: fc.constantFrom(...channels, "start", "stop", "drain", "run", "exit"),
    priority: fc.constantFrom(50, 10, 49, 51, 90),
    within: maybe(span(20, 100), 2),
    once: maybe(fc.constant(true), 1),
    act,
    prepared: maybe(fc.record({ commit: maybe(plain), rollback: maybe(plain) }).map(dense), 3),
  }).map(({ prepared, ...rest }) =>
    dense({ ...rest, ...(rest.channel === "reload" && prepared && { prepared }) })
  );

const ask: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ask: fc.constant("start" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ ask: fc.constantFrom("stop" as const, "graceful" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ask: fc.constant("reload" as const), givenUp: maybe(ms(200), 3) }).map(dense),
  },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant("freeze" as const), ms: fc.constantFrom(500, 1_500, 60_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ask: fc.constantFrom("restart" as const, "block" as const, "run" as const) }),
  },
  { weight: 3, arbitrary: fc.record({ ask: fc.constant("exit" as const), code: maybe(code) }).map(dense) },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant("signal" as const),
      name: fc.constantFrom(
        "SIGTERM" as const,
        "SIGINT" as const,
        "SIGHUP" as const,
        "SIGUSR2" as const,
        "SIGQUIT" as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant("notice" as const), ms: ms(400) }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant("abandon" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant("wait" as const),
      states: fc.uniqueArray(fc.constantFrom(...states), { minLength: 1, maxLength: 3 }),
      timeout: maybe(ms(300), 4),
    }).map(dense),
  },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant("remove" as const), component: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant("hold" as const), act: plain }) },
  {
    weight: 2,
    arbitrary: fc.tuple(component("late", ["c0"]), maybe(fc.constantFrom("now" as const, "next" as const)))
      .map(([late, join]): Ask => ({ ask: "use", component: dense({ ...late, join }) })),
  },
);

const moment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 3, arbitrary: fc.constant("rest" as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      pulse: fc.integer({ min: 0, max: 22 }),
      ms: fc.constant(0),
      turns: fc.integer({ min: 0, max: 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      pulse: fc.integer({ min: 0, max: 22 }),
      ms: ms(200),
      turns: fc.integer({ min: 0, max: 12 }),
    }),
  },
  /** Two signals must be more than 500 ms apart for the second to force. */
  {
    weight: 1,
    arbitrary: fc.record({ pulse: fc.integer({ min: 0, max: 22 }), ms: ms(1000), turns: fc.constant(0) }),
  },
);

/** Most programs are started first of all. */
const first: fc.Arbitrary<Request> = fc.record({
  at: fc.constant({ pulse: 0, ms: 0, turns: 0 }),
  what: fc.record({ ask: fc.constantFrom("start" as const, "run" as const) }),
});

/** Any program. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  onStartFailure: fc.constantFrom("exit" as const, "idle" as const),
  deadlines: fc.record({
    enter: span(40, 200),
    start: span(40, 300),
    drain: span(40, 300),
    stop: span(40, 700),
    exit: span(40, 200),
    reload: span(40, 200),
    settle: span(40, 100),
  }),
  atMost: fc.record({
    start: maybe(span(40, 400), 3),
    drain: maybe(span(40, 400), 3),
    stop: maybe(span(40, 900), 3),
  }).map(dense),
  attach: maybe(plain, 2),
  leave: maybe(plain, 2),
  respawn: maybe(fc.record({ act: plain, code: maybe(code) }).map(dense), 6),
  components,
  listeners: fc.array(listener(), { minLength: 3, maxLength: 7 }),
  guest: maybe(
    fc.record({
      components: fc.tuple(component("g0", [], plain), component("g1", ["g0"], plain)).map(([g0, g1]) =>
        g0.dependsOn === "all" ? [g0, { ...g1, dependsOn: [] }] : [g0, g1]
      ),
      listeners: fc.array(listener(plain).filter(({ channel }) => channel !== "restart"), { maxLength: 3 }),
    }),
    3,
  ),
  requests: fc.tuple(maybe(first, 9), fc.array(fc.record({ at: moment, what: ask }), { maxLength: 7 }))
    .map(([first, rest]) => first ? [first, ...rest] : rest),
}).map((plan) =>
  dense({ ...plan, requests: plan.requests.map((r) => withoutCycle(r, plan.components)) }) as Plan
);

/** What joins late depends on `c0`, unless that depends on all. */
function withoutCycle(request: Request, components: readonly ComponentPlan[]): Request {
  const { what } = request;
  if (what.ask !== "use" || what.component.dependsOn === "all") return request;
  if (components.find((c) => c.name === "c0")?.dependsOn !== "all") return request;
  return { ...request, what: { ...what, component: { ...what.component, dependsOn: [] } } };
}
