/**
 * The tests of what a platform says of its host, and of how it takes and leaves it.
 * @module
 */
import type { Traits } from "../../src/platform.ts";
import type { LogRecord } from "../../src/records.ts";
import { STATES } from "../../src/states.ts";
import { recordedControl } from "./recorded_control.ts";
import { settle, type Subject } from "./subject.ts";
import type { SuiteTest } from "./suite.ts";

const values: { readonly [F in Exclude<keyof Traits, "notice">]: readonly Traits[F][] } = {
  lifetime: ["long", "serial", "once"],
  concurrency: ["one", "many"],
  instances: ["one", "many"],
  background: ["runs", "frozen", "waitUntil"],
  ioOutsideRequests: [true, false],
};

/** Has the platform leave, as after an end that went well. */
export async function leave(subject: Subject, code = 0): Promise<void> {
  await settle(subject, Promise.resolve(subject.platform.leave({ code, forced: false, leftMs: 60_000 })));
}

/** Values that a platform may find as the error of a record, and must not trip over. */
function oddErrors(): unknown[] {
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
  return [new Error("plain"), circular, hostile, Object.create(null), null, "text", Symbol("s")];
}

/** Registered by `conformance`. */
export const hostTests: readonly SuiteTest[] = [
  {
    title: "has a name and traits that a program can check",
    run({ platform: { name, traits } }, { expect }) {
      expect(/\S/.test(name)).toEqual(true);
      const wrong = Object.entries(values).filter(([field, allowed]) =>
        !(allowed as readonly unknown[]).includes(traits[field as keyof typeof values])
      );
      expect(wrong).toEqual([]);
      const { notice } = traits;
      expect(notice === "none" || (notice.kind !== "" && notice.graceMs >= 0)).toEqual(true);
    },
  },
  {
    title: "reports anything without throwing",
    run({ platform }, { expect }) {
      const thrown: unknown[] = [];
      for (const error of oddErrors()) {
        const message = "A report of the conformance suite";
        const record: LogRecord = { time: 0, level: "error", message, bus: "subject", error };
        try {
          platform.report(record);
        } catch (found) {
          thrown.push(found);
        }
      }
      expect(thrown).toEqual([]);
    },
  },
  {
    title: "attaches, takes the pulse of every state, and leaves",
    async run(subject, { expect }) {
      const { platform } = subject;
      await platform.attach(recordedControl());
      for (const state of STATES.filter((state) => state !== "initial")) {
        platform.pulse?.(state, false);
        platform.pulse?.(state, true);
      }
      await leave(subject);
      expect(subject.left?.() ?? []).toEqual([]);
    },
  },
  {
    title: "leaves where it never attached",
    async run(subject, { expect }) {
      await leave(subject, 70);
      expect(subject.left?.() ?? []).toEqual([]);
    },
  },
  {
    title: "refuses a second bus, naming the first",
    needs: ["exclusive"],
    async run(subject, { expect }) {
      await subject.platform.attach(recordedControl("first"));
      const attaching =
        (async () => await (subject.second?.() ?? subject.platform).attach(recordedControl("second")))();
      const told = await settle(subject, attaching.then(() => "nothing was refused", String));
      expect(told.includes('"first"') ? "the first was named" : told).toEqual("the first was named");
      await leave(subject);
    },
  },
  {
    title: "can start a successor",
    needs: ["respawns"],
    run({ platform }, { expect }) {
      expect(typeof platform.respawn).toEqual("function");
    },
  },
];
