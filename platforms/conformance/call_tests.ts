/**
 * The tests of a platform's single calls: waiting, knowing who asks, and asking on behalf of its host.
 * @module
 */
import { leave } from "./host_tests.ts";
import { type RecordedControl, recordedControl } from "./recorded_control.ts";
import { pass, settle, signalOf } from "./subject.ts";
import type { SuiteTest } from "./suite.ts";

/** The requests as far as `reason` names fields; a platform may say more of a reason. */
function asked({ requests }: RecordedControl, reason: Readonly<Record<string, unknown>>): unknown[] {
  return requests.map(({ goal, reason: found }) => ({
    goal,
    reason: Object.fromEntries(Object.keys(reason).map((key) => [key, Reflect.get(found, key)])),
  }));
}

/** Registered by `conformance`. */
export const callTests: readonly SuiteTest[] = [
  {
    title: "waits until what it is parked for has settled",
    needs: ["parks"],
    async run(subject, { expect }) {
      let done = () => {};
      let parked = true;
      const until = new Promise<void>((resolve) => done = resolve);
      const waiting = subject.platform.park(until).then(() => parked = false);
      await pass(subject, 10);
      expect(parked).toEqual(true);
      done();
      await settle(subject, waiting);
    },
  },
  {
    title: "parks for two at a time, and for what fails",
    needs: ["parks"],
    async run(subject, { expect }) {
      const failing = Promise.reject(new Error("what is waited for"));
      failing.catch(() => {});
      const both = [subject.platform.park(failing), subject.platform.park(Promise.resolve())];
      expect(await settle(subject, Promise.all(both))).toEqual([undefined, undefined]);
    },
  },
  {
    title: "waits, or refuses to at the call with a TraitError",
    async run(subject, { expect, flags }) {
      let told = "it waits";
      try {
        await settle(subject, subject.platform.park(Promise.resolve()));
      } catch (error) {
        told = (error as Error).name;
      }
      expect(told).toEqual(flags.parks === true ? "it waits" : "TraitError");
    },
  },
  {
    title: "knows the phase that a call came from, also after an await",
    needs: ["context"],
    async run({ platform: { context } }, { expect }) {
      const [outer, inner] = [{ name: "outer" }, { name: "inner" }];
      expect(context?.get()).toEqual(undefined);
      const found = await context?.run(outer, async () => {
        await Promise.resolve();
        const nested = context.run(inner, () => context.get());
        return [context.get() === outer, nested === inner];
      });
      expect(found).toEqual([true, true]);
      expect(context?.get()).toEqual(undefined);
    },
  },
  {
    title: "asks for an exit by a signal, naming it",
    needs: ["signals"],
    async run(subject, { expect }) {
      const { name, number } = signalOf(subject);
      const control = recordedControl();
      await subject.platform.attach(control);
      await subject.deliver?.(name);
      const reason = { by: "signal", name, number };
      expect(asked(control, reason)).toEqual([{ goal: "exit", reason }]);
      await leave(subject);
    },
  },
  {
    title: "asks for an exit with the time left when the host gives notice",
    needs: ["notices"],
    async run(subject, { expect }) {
      const control = recordedControl();
      await subject.platform.attach(control);
      await subject.notice?.(1234);
      const reason = { by: "host", leftMs: 1234 };
      expect(asked(control, reason)).toEqual([{ goal: "exit", reason }]);
      await leave(subject);
    },
  },
];
