/**
 * The tests of a whole life of a bus on a platform.
 * @module
 */
import { ProcessBus } from "../../src/process_bus.ts";
import { type State, STATES } from "../../src/states.ts";
import { pass, settle, signalOf } from "./subject.ts";
import type { SuiteTest } from "./suite.ts";

/** Registered by `conformance`. */
export const lifeTests: readonly SuiteTest[] = [
  {
    title: "drives a bus from start to its end",
    async run(subject, { expect, flags }) {
      const bus = new ProcessBus({ name: "subject", platform: subject.platform });
      const seen: State[] = [];
      for (const state of STATES) {
        if (state !== "initial") bus.subscribe(state, () => void seen.push(state));
      }
      await settle(subject, bus.start());
      await settle(subject, bus.exit(3));
      expect(seen).toEqual(["enter", "idle", "start", "run", "drain", "stop", "idle", "exit", "exited"]);
      await pass(subject, 1);
      if (flags.exitCode === true) expect(subject.exitCode?.()).toEqual(3);
      expect(subject.left?.() ?? []).toEqual([]);
    },
  },
  {
    title: "runs a bus until a signal",
    needs: ["signals", "parks"],
    async run(subject, { expect }) {
      const { name } = signalOf(subject);
      const bus = new ProcessBus({ name: "subject", platform: subject.platform });
      const signals: unknown[] = [];
      bus.subscribe("signal", (reason) => void signals.push(reason.name));
      bus.subscribe("run", () => subject.deliver?.(name));
      expect(await settle(subject, bus.run())).toEqual(0);
      expect(signals).toEqual([name]);
      expect(subject.left?.() ?? []).toEqual([]);
    },
  },
  {
    title: "stops a bus within the notice of its host",
    needs: ["notices"],
    async run(subject, { expect }) {
      const bus = new ProcessBus({ name: "subject", platform: subject.platform });
      await settle(subject, bus.start());
      let left = Infinity;
      bus.subscribe("drain", (phase) => void (left = phase.left()));
      const exited = bus.wait("exited");
      await subject.notice?.(1000);
      expect(await settle(subject, exited)).toEqual("exited");
      expect(left <= 1000 ? "at most 1000" : left).toEqual("at most 1000");
    },
  },
];
