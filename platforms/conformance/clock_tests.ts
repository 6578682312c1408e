/**
 * The tests of a platform's clock.
 * @module
 */
import { pass } from "./subject.ts";
import { atLeast, type SuiteTest } from "./suite.ts";

/** Registered by `conformance`. */
export const clockTests: readonly SuiteTest[] = [
  {
    title: "has wall time in milliseconds since 1970 and monotonic time",
    async run(subject, { expect }) {
      const { clock } = subject.platform;
      const since = Date.UTC(2020);
      expect(atLeast(clock.time(), since)).toEqual(`at least ${since}`);
      const before = clock.now();
      await pass(subject, 20);
      expect(atLeast(clock.now() - before, 15)).toEqual("at least 15");
    },
  },
  {
    title: "fires a timer once, never early and never within the call",
    async run(subject, { expect }) {
      const { clock } = subject.platform;
      const fired: (number | string)[] = [];
      const begun = clock.now();
      clock.setTimer(20, () => fired.push(atLeast(clock.now() - begun, 20)));
      clock.setTimer(0, () => fired.push("the timer of 0 ms"));
      expect(fired).toEqual([]);
      await pass(subject, 60);
      expect(fired).toEqual(["the timer of 0 ms", "at least 20"]);
    },
  },
  {
    title: "undoes a timer, also twice and after it fired",
    async run(subject, { expect }) {
      const { clock } = subject.platform;
      const fired: string[] = [];
      const undo = clock.setTimer(5, () => fired.push("the one that was undone"));
      undo();
      undo();
      const late = clock.setTimer(5, () => fired.push("the other"));
      await pass(subject, 30);
      late();
      expect(fired).toEqual(["the other"]);
    },
  },
  {
    title: "does not fire a timer at once that is longer than the runtime's timers",
    async run(subject, { expect }) {
      let fired = false;
      const undo = subject.platform.clock.setTimer(2 ** 31 + 1000, () => fired = true);
      await pass(subject, 30);
      undo();
      expect(fired).toEqual(false);
    },
  },
];
