import { describe, expect, test } from "vitest";
import { inline, type Platform } from "../../mod.ts";
import { conformance, type ConformanceOptions, type Flags } from "../../platforms/conformance.ts";

const all: Flags = {
  parks: true,
  signals: true,
  notices: true,
  exitCode: true,
  context: true,
  exclusive: true,
  respawns: true,
};
const none: Flags = {
  ...all,
  signals: "no",
  notices: "no",
  exitCode: "no",
  context: "no",
  exclusive: "no",
  respawns: "no",
};

/** Runs the tests of the suite whose titles begin so, with a runner that only notes: the titles of what failed. */
async function failures(make: () => Platform, flags: Flags = none, beginning = ""): Promise<string[]> {
  const tests: [title: string, body: () => Promise<void>][] = [];
  conformance("subject", make, {
    flags,
    expect,
    describe: (_, body) => body(),
    test: (...one) => void tests.push(one),
  });
  const failed: string[] = [];
  for (const [title, body] of tests) {
    if (title.startsWith(beginning)) await body().catch(() => failed.push(title));
  }
  return failed;
}

describe("the conformance suite", () => {
  test("has nothing against a sound platform", async () => {
    expect(await failures(() => inline())).toEqual([]);
  });

  const wrong: [what: string, change: (platform: Platform) => Partial<Platform>, title: string][] = [
    ["has no name", () => ({ name: " " }), "has a name and traits"],
    [
      "has a trait of its own",
      ({ traits }) => ({ traits: { ...traits, lifetime: "short" as never } }),
      "has a name and traits",
    ],
    ["has no wall time", ({ clock }) => ({ clock: { ...clock, time: () => 7 } }), "has wall time"],
    ["stands still", ({ clock }) => ({ clock: { ...clock, now: () => 7 } }), "has wall time"],
    [
      "fires within the call",
      ({ clock }) => ({ clock: { ...clock, setTimer: (_, fire) => (fire(), () => {}) } }),
      "fires a timer once",
    ],
    [
      "fires early",
      // By its own time, so that no delay of the machine makes up for it.
      ({ clock }) => ({ clock: { ...clock, now: () => clock.now() / 1000 } }),
      "fires a timer once",
    ],
    [
      "undoes no timer",
      ({ clock }) => ({ clock: { ...clock, setTimer: (ms, fire) => (clock.setTimer(ms, fire), () => {}) } }),
      "undoes a timer",
    ],
    [
      "overflows a timer",
      ({ clock }) => ({
        clock: { ...clock, setTimer: (ms, fire) => clock.setTimer(ms > 2 ** 31 ? 1 : ms, fire) },
      }),
      "does not fire a timer at once",
    ],
    ["throws in report", () => ({ report: ({ error }) => void String(error) }), "reports anything"],
    [
      "throws in attach",
      () => ({ attach: () => Promise.reject(new Error("no")) }),
      "attaches, takes the pulse",
    ],
    [
      "throws in leave",
      () => ({ leave: () => Promise.reject(new Error("no")) }),
      "leaves where it never attached",
    ],
    ["does not wait", () => ({ park: async () => {} }), "waits until what it is parked for"],
    [
      "rejects with what it waits for",
      () => ({ park: (until) => until.then(() => {}) }),
      "parks for two at a time",
    ],
    [
      "refuses to wait",
      () => ({
        park: () => {
          throw new RangeError("no");
        },
      }),
      "waits, or refuses to at the call",
    ],
  ];
  test.for(wrong)("tells a platform that %s", async ([, change, title]) => {
    const make = () => {
      const platform = inline();
      return { ...platform, ...change(platform) };
    };
    expect(await failures(make, none, title)).toHaveLength(1);
  });

  test.for(
    [
      ["signals", "asks for an exit by a signal"],
      ["notices", "asks for an exit with the time left"],
      ["exitCode", "drives a bus from start to its end"],
      ["context", "knows the phase that a call came from"],
      ["exclusive", "refuses a second bus"],
      ["respawns", "can start a successor"],
    ] as const,
  )("does not believe that %s is there where it is not", async ([flag, title]) => {
    const flags = { ...none, parks: "not here", [flag]: true };
    const suite = failures(
      () => ({ ...inline(), ...flag === "exclusive" ? { attach() {} } : {} }),
      flags,
      title,
    );
    expect(await suite).toHaveLength(1);
  });

  test("skips with the reason of the flag, and by test.skip where nothing else is given", () => {
    const skipped: string[] = [];
    const register = Object.assign(() => {}, { skip: (title: string) => void skipped.push(title) });
    const options: ConformanceOptions = {
      flags: none,
      expect,
      describe: (_, body) => body(),
      test: register,
    };
    conformance("subject", () => inline(), options);
    expect(skipped).toContain("can start a successor: respawns: no");
    const told: [string, string][] = [];
    conformance("subject", () => inline(), { ...options, skip: (...one) => void told.push(one) });
    expect(told).toContainEqual(["can start a successor", "respawns: no"]);
  });

  test("refuses what is no function by its name", () => {
    const options = { flags: none, describe, test, expect: 1 as never };
    expect(() => conformance("subject", () => inline(), options)).toThrow(
      'Cannot register the conformance suite: "expect" is 1, expected a function',
    );
  });
});
