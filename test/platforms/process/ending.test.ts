import { describe, expect, test, vi } from "vitest";
import { attachToProcess } from "../../../platforms/process/attachment.ts";
import { endNow } from "../../../platforms/process/ending.ts";
import { patient } from "../../../scripts/patience.ts";
import { sleep } from "../../spawn.ts";
import { recordedControl } from "../conformance.ts";
import { type FakeProcess, fakeProcess } from "../fake_process.ts";

/** A process whose output is read when the test calls `take`. */
function piped(): FakeProcess & { take(): void } {
  const waiting: (() => void)[] = [];
  const process = fakeProcess();
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (_text, done) => waiting.push(done);
    stream.end = (done) => waiting.push(done);
  }
  return Object.assign(process, { take: () => waiting.splice(0).forEach((done) => done()) });
}

const ending = { code: 3, leftMs: 1000, warn: () => {} };

describe("endNow()", () => {
  test("ends the process with the code after its output was read", async () => {
    const process = piped();
    endNow(process, ending);
    expect(process.exitCode).toBe(3);
    await sleep(20);
    expect(process.exits).toEqual([]);
    process.take();
    await sleep(20);
    expect(process.exits).toEqual([3]);
  });

  test("waits for a reader only as long as there is time", async () => {
    const process = piped();
    endNow(process, { ...ending, leftMs: 20 });
    await vi.waitFor(() => expect(process.exits).toEqual([3]), { timeout: patient(3000) });
  });

  test("can be undone before and after the output was read", async () => {
    const early = piped();
    endNow(early, ending)();
    early.take();
    const late = piped();
    const undo = endNow(late, ending);
    late.take();
    for (let turn = 0; turn < 20; turn++) await undefined;
    undo();
    await sleep(20);
    expect([early.exits, late.exits]).toEqual([[], []]);
  });
});

describe("attachToProcess()", () => {
  test("passes on the time that a signal leaves; a different signal only shortens it, the same signal again forces", () => {
    const process = fakeProcess();
    const control = recordedControl();
    attachToProcess(control, {
      process,
      signals: [
        { name: "SIGTERM", number: 15, goal: "exit", leftMs: 500 },
        { name: "SIGINT", number: 2, goal: "exit", leftMs: 400 },
        { name: "SIGHUP", number: 1, goal: "reload" },
      ],
      uncaught: false,
    });
    for (const name of ["SIGTERM", "SIGHUP", "SIGINT", "SIGTERM"]) process.emit(name);
    const term = { goal: "exit", reason: { by: "signal", name: "SIGTERM", number: 15, leftMs: 500 } };
    expect(control.requests).toEqual([
      term,
      { goal: "reload", reason: { by: "signal", name: "SIGHUP", number: 1 } },
      { goal: "none", reason: { by: "signal", name: "SIGINT", number: 2, leftMs: 400 } },
      term,
    ]);
  });
});
