import { describe, expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { STATES } from "../../../src/states.ts";
import { sleep, start } from "../../spawn.ts";

const deadlineMs = 300;

const states = STATES.filter((state) => state !== "initial");
const places = [...states, "attach", "prepare", "commit", "component", "leave"];

// The longest time that a process may live after the deadline.
const graceMs = 1000;

// With retries, since a busy machine may be late once. A bus that really hangs is late each time.
describe("a listener that never ends", { retry: 2 }, () => {
  test.each(places)(
    "does not keep the process past its deadline, and is named in the last line: %s",
    async (place) => {
      const program = start("hang", { args: [place] });
      await program.waitForLine("hangs");
      const begun = performance.now();
      const { code, lines } = await program.exited;
      const ms = performance.now() - begun;
      expect(lines.at(-1)).toContain(place === "attach" || place === "leave" ? place : `hung ${place}`);
      expect(ms).toBeLessThan(patient(deadlineMs + graceMs));
      expect(code).toBe(([...states, "attach"] as string[]).includes(place) ? 70 : 0);
    },
  );

  test("does not keep the process by a handle that it holds either", async () => {
    const program = start("hang", { args: ["stop", "handle"] });
    await program.waitForLine("hangs");
    const begun = performance.now();
    const { code, lines } = await program.exited;
    expect(performance.now() - begun).toBeLessThan(patient(deadlineMs + graceMs));
    expect(lines.at(-1)).toMatch(/ended by force .* "hung stop" on "stop" still runs/);
    expect(code).toBe(70);
  });

  test("does not keep the process past a second signal, and is named in the last line: respawn", async () => {
    const program = start("hang", { args: ["respawn"] });
    await program.waitForLine("hangs");
    await sleep(100);
    program.kill("SIGTERM");
    await sleep(600);
    const begun = performance.now();
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(performance.now() - begun).toBeLessThan(patient(graceMs));
    expect(lines.at(-1)).toContain("respawn");
    expect(code).toBe(143);
  });
});
