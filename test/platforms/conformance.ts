/**
 * What every platform must do, as one suite. Each platform's test file hands itself in and says with `flags` what it
 * can; where it cannot, the flag is the reason, and the test is skipped with it.
 * @module
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { ProcessBus } from "../../mod.ts";
import type { Control, Platform, Traits } from "../../src/platform.ts";
import type { Reason } from "../../src/phase.ts";
import type { State } from "../../src/states.ts";

/** `true`, or why not. */
export type Flag = true | string;

/** What a platform can do. */
export interface Flags {
  /** `park` waits; where the host owns the loop it throws a TraitError instead. */
  readonly parks: Flag;
  /** Signals arrive: the subject has `deliver`. */
  readonly signals: Flag;
  /** The host may ask: the subject has `notice`. */
  readonly notices: Flag;
  /** `leave` sets an exit code that the subject's `exitCode` reads. */
  readonly exitCode: Flag;
  /** It knows who asks. */
  readonly context: Flag;
  /** One bus only: a second attach is refused. */
  readonly exclusive: Flag;
  /** It can start a successor. */
  readonly respawns: Flag;
}

/** What the platform of a process of an operating system can do. */
export const ofProcess: Flags = {
  parks: true,
  signals: true,
  exitCode: true,
  context: true,
  exclusive: true,
  respawns: true,
  notices: "what the operating system gives notice of comes as a signal",
};

/** One platform, made for one test, with what the test may do to its host. */
export interface Subject {
  readonly platform: Platform;
  /** The signal that asks for an exit. Default SIGTERM, 15. */
  readonly signal?: { readonly name: string; readonly number: number };
  /** Delivers a signal; from another process that takes its time. */
  deliver?(name: string): void | Promise<void>;
  /** Says that the host ends the process in so many milliseconds. */
  notice?(leftMs: number): void | Promise<void>;
  /** The exit code that `leave` set. */
  exitCode?(): number | undefined;
  /** A second platform on the same host, where `exclusive`. */
  second?(): Platform;
  /** Lets time pass; a real clock needs none. */
  advance?(ms: number): void | Promise<void>;
  /** Lets time pass until the promise settles; a real clock needs none. */
  settle?<T>(promise: Promise<T>): Promise<T>;
  /** What is still held after `leave`, in words. */
  left?(): readonly string[];
  /** Undoes what the test did to the host. */
  dispose?(): void;
}

const sigterm = { name: "SIGTERM", number: 15 };

const states: readonly State[] = [
  "enter",
  "idle",
  "start",
  "run",
  "start_error",
  "drain",
  "stop",
  "stop_error",
  "exit",
  "exit_error",
  "exited",
];

const values: { readonly [F in Exclude<keyof Traits, "notice">]: readonly Traits[F][] } = {
  lifetime: ["long", "serial", "once"],
  concurrency: ["one", "many"],
  instances: ["one", "many"],
  background: ["runs", "frozen", "waitUntil"],
  ioOutsideRequests: [true, false],
};

/** A control that records what it is asked. */
export interface RecordedControl extends Control {
  readonly requests: { readonly goal: string; readonly reason: Reason }[];
  readonly logs: { readonly message: string; readonly level?: string }[];
}

/** Makes a control that does nothing but record. */
export function recordedControl(bus = "subject"): RecordedControl {
  const requests: RecordedControl["requests"] = [];
  const logs: RecordedControl["logs"] = [];
  return {
    bus,
    state: "enter",
    settled: false,
    requests,
    logs,
    request: (goal, reason) => void requests.push({ goal, reason }),
    reload: () => Promise.resolve([]),
    abandon: () => {},
    log: (message, details) => {
      const level = details?.level as string | undefined;
      logs.push({ message, ...(level !== undefined && { level }) });
    },
  };
}

/** Registers the suite for one platform. `make` is called once a test. */
export function conformance(name: string, make: () => Platform | Subject, flags: Flags): void {
  const subject = (): Subject => {
    const made = make();
    const one: Subject = "platform" in made ? made : { platform: made };
    onTestFinished(() => one.dispose?.());
    return one;
  };
  const test = (title: string, body: () => unknown, ...needed: readonly (keyof Flags)[]) => {
    const missing = needed.find((flag) => flags[flag] !== true);
    it(title, async (context) => {
      if (missing !== undefined) context.skip(`${missing}: ${flags[missing]}`);
      await body();
    });
  };
  const settle = <T>(one: Subject, promise: Promise<T>): Promise<T> => one.settle?.(promise) ?? promise;
  const pass = async (one: Subject, ms: number) => {
    if (one.advance) await one.advance(ms);
    else await new Promise((resolve) => setTimeout(resolve, ms));
  };
  const outcome = { code: 0, forced: false, leftMs: 60_000 };

  describe(`the ${name} platform`, () => {
    test("has a name and traits that a program can check", () => {
      const { platform } = subject();
      expect(platform.name).toMatch(/\S/);
      for (const [field, allowed] of Object.entries(values)) {
        expect(allowed).toContain(platform.traits[field as keyof typeof values]);
      }
      const { notice } = platform.traits;
      if (notice !== "none") expect(notice.kind !== "" && notice.graceMs >= 0).toBe(true);
    });

    test("has wall time in milliseconds since 1970 and monotonic time", async () => {
      const one = subject();
      const { clock } = one.platform;
      expect(clock.time()).toBeGreaterThan(Date.UTC(2020));
      const before = clock.now();
      await pass(one, 20);
      expect(clock.now() - before).toBeGreaterThanOrEqual(15);
    });

    test("fires a timer once, never early and never within the call", async () => {
      const one = subject();
      const { clock } = one.platform;
      const fired: number[] = [];
      const begun = clock.now();
      clock.setTimer(20, () => fired.push(clock.now() - begun));
      clock.setTimer(0, () => fired.push(-1));
      expect(fired).toEqual([]);
      await pass(one, 60);
      expect(fired).toHaveLength(2);
      expect(fired[0]).toBe(-1);
      expect(fired[1]).toBeGreaterThanOrEqual(20);
    });

    test("undoes a timer, also twice and after it fired", async () => {
      const one = subject();
      let fired = 0;
      const undo = one.platform.clock.setTimer(5, () => fired++);
      undo();
      undo();
      const late = one.platform.clock.setTimer(5, () => fired++);
      await pass(one, 30);
      late();
      expect(fired).toBe(1);
    });

    test("does not fire a timer at once that is longer than the runtime's timers", async () => {
      const one = subject();
      let fired = false;
      const undo = one.platform.clock.setTimer(2 ** 31 + 1000, () => fired = true);
      await pass(one, 30);
      undo();
      expect(fired).toBe(false);
    });

    test("reports anything without throwing", () => {
      const { platform } = subject();
      const circular = new Error("circular");
      circular.cause = circular;
      const hostile = {
        get message(): never {
          throw new Error("no message");
        },
        toString: () => {
          throw new Error("no text");
        },
      };
      for (
        const error of [new Error("plain"), circular, hostile, Object.create(null), null, "text", Symbol("s")]
      ) {
        platform.report({
          time: 0,
          level: "error",
          message: `${name}: a report of a test`,
          bus: "subject",
          error,
        });
      }
    });

    test("attaches, takes the pulse of every state, and leaves", async () => {
      const one = subject();
      await one.platform.attach(recordedControl());
      for (const state of states) {
        one.platform.pulse?.(state, false);
        one.platform.pulse?.(state, true);
      }
      await settle(one, Promise.resolve(one.platform.leave(outcome)));
      expect(one.left?.() ?? []).toEqual([]);
    });

    test("leaves where it never attached", async () => {
      const one = subject();
      await settle(one, Promise.resolve(one.platform.leave({ ...outcome, code: 70 })));
      expect(one.left?.() ?? []).toEqual([]);
    });

    test("waits until what it is parked for has settled", async () => {
      const one = subject();
      let done = () => {};
      let parked = true;
      const until = new Promise<void>((resolve) => done = resolve);
      const waiting = one.platform.park(until).then(() => parked = false);
      await pass(one, 10);
      expect(parked).toBe(true);
      done();
      await settle(one, waiting);
    }, "parks");

    test("parks for two at a time, and for what fails", async () => {
      const one = subject();
      const failing = Promise.reject(new Error("what is waited for"));
      const both = [one.platform.park(failing), one.platform.park(Promise.resolve())];
      expect(await settle(one, Promise.all(both))).toEqual([undefined, undefined]);
    }, "parks");

    if (flags.parks !== true) {
      it("refuses to wait where the host owns the loop", () => {
        const { platform } = subject();
        expect(() => platform.park(Promise.resolve())).toThrow(
          expect.objectContaining({ name: "TraitError" }),
        );
      });
    }

    test("knows the phase that a call came from, also after an await", async () => {
      const { context } = subject().platform;
      const outer = {};
      const inner = {};
      expect(context?.get()).toBe(undefined);
      const found = await context?.run(outer, async () => {
        await Promise.resolve();
        const nested = context.run(inner, () => context.get());
        return [context.get(), nested];
      });
      expect(found?.[0]).toBe(outer);
      expect(found?.[1]).toBe(inner);
      expect(context?.get()).toBe(undefined);
    }, "context");

    test("asks for an exit by a signal, naming it", async () => {
      const one = subject();
      const { signal = sigterm } = one;
      const control = recordedControl();
      await one.platform.attach(control);
      await one.deliver?.(signal.name);
      // Where the signal is a notice too, it says how long.
      expect(control.requests).toEqual([
        { goal: "exit", reason: expect.objectContaining({ by: "signal", ...signal }) },
      ]);
      await settle(one, Promise.resolve(one.platform.leave(outcome)));
    }, "signals");

    test("asks for an exit with the time left when the host gives notice", async () => {
      const one = subject();
      const control = recordedControl();
      await one.platform.attach(control);
      await one.notice?.(1234);
      expect(control.requests).toEqual([
        { goal: "exit", reason: expect.objectContaining({ by: "host", leftMs: 1234 }) },
      ]);
      await settle(one, Promise.resolve(one.platform.leave(outcome)));
    }, "notices");

    test("refuses a second bus, naming the first", async () => {
      const one = subject();
      await one.platform.attach(recordedControl("first"));
      const attaching = (async () =>
        await (one.second?.() ?? one.platform).attach(recordedControl("second")))();
      await expect(settle(one, attaching)).rejects.toThrow(/"first"/);
      await settle(one, Promise.resolve(one.platform.leave(outcome)));
    }, "exclusive");

    test("drives a bus from start to its end", async () => {
      const one = subject();
      const bus = new ProcessBus({ name: "subject", platform: one.platform });
      const seen: State[] = [];
      for (const state of states) bus.subscribe(state as "run", () => void seen.push(state));
      await settle(one, bus.start());
      await settle(one, bus.exit(3));
      expect(seen).toEqual(["enter", "idle", "start", "run", "drain", "stop", "idle", "exit", "exited"]);
      await pass(one, 1);
      if (flags.exitCode === true) expect(one.exitCode?.()).toBe(3);
      expect(one.left?.() ?? []).toEqual([]);
    });

    test(
      "runs a bus until a signal",
      async () => {
        const one = subject();
        const { signal = sigterm } = one;
        const bus = new ProcessBus({ name: "subject", platform: one.platform });
        const signals: unknown[] = [];
        bus.subscribe("signal", (reason) => void signals.push(reason.name));
        bus.subscribe("run", () => one.deliver?.(signal.name));
        expect(await settle(one, bus.run())).toBe(0);
        expect(signals).toEqual([signal.name]);
        expect(one.left?.() ?? []).toEqual([]);
      },
      "signals",
      "parks",
    );

    test("stops a bus within the notice of its host", async () => {
      const one = subject();
      const bus = new ProcessBus({ name: "subject", platform: one.platform });
      await settle(one, bus.start());
      let left = Infinity;
      bus.subscribe("drain", (phase) => void (left = phase.left()));
      const exited = bus.wait("exited");
      await one.notice?.(1000);
      expect(await settle(one, exited)).toBe("exited");
      expect(left).toBeLessThanOrEqual(1000);
    }, "notices");

    test("can start a successor", () => {
      expect(subject().platform.respawn).toBeTypeOf("function");
    }, "respawns");
  });
}
