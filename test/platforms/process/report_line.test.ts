import { describe, expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { reportLine, standardError } from "../../../platforms/process/report_line.ts";
import type { LogRecord } from "../../../src/bus.ts";
import { type FakeProcess, fakeProcess } from "../fake_process.ts";

const record = (message: string, error?: unknown): LogRecord => ({
  time: 0,
  level: "error",
  bus: "shop",
  message,
  ...(error !== undefined && { error }),
});

describe("reportLine()", () => {
  test("is one line, with the stack and all causes", () => {
    const cause = new TypeError("the cause");
    const error = new AggregateError([new Error("one"), "two"], "both\nfailed", { cause });
    const line = reportLine(record("Cannot start", error));
    expect(line).toMatch(
      /^\[shop\] error: Cannot start \| AggregateError: both \| failed \| at .*report_line/,
    );
    expect(line).toMatch(/cause: \| TypeError: the cause.*error: \| Error: one.*error: \| two$/);
    expect(line).not.toContain("\n");
  });

  test("does not repeat the error's message if the record's message has it already", () => {
    const line = reportLine(record('"db" on "start" failed: no route', new Error("no route")));
    expect(line.match(/no route/g)).toHaveLength(1);
  });

  test("stops at an error that is its own cause", () => {
    const error = new Error("round");
    error.cause = error;
    expect(reportLine(record("Cannot start", error))).toContain("round");
  });
});

/** Makes a file system for which `answers` has the result of each write: how many bytes it takes, or the code of an error. */
function writing(answers: (number | string)[]): { readonly process: FakeProcess; readonly calls: string[] } {
  const process = fakeProcess();
  const { getBuiltinModule } = process;
  const calls: string[] = [];
  const writeSync = (_fd: number, bytes: Uint8Array, offset: number) => {
    const answer = answers.shift() ?? Infinity;
    if (typeof answer === "string") throw Object.assign(new Error(answer), { code: answer });
    const taken = bytes.subarray(offset, offset + answer);
    calls.push(new TextDecoder().decode(taken));
    return taken.length;
  };
  process.getBuiltinModule = (id) => id === "node:fs" ? { writeSync } : getBuiltinModule(id);
  return { process, calls };
}

describe("standardError()", () => {
  test("waits for the reader of a full pipe and loses nothing", () => {
    const { process, calls } = writing(["EAGAIN", 5, "EAGAIN", "EAGAIN"]);
    standardError(process)(record("late"));
    expect(calls.join("")).toBe("[shop] error: late\n");
  });

  test("stops waiting for a pipe that nobody reads, and does not wait for it again", () => {
    const { process, calls } = writing(Array(1000).fill("EAGAIN"));
    const report = standardError(process);
    const begun = performance.now();
    report(record("first"));
    const first = performance.now() - begun;
    expect(first).toBeGreaterThan(200);
    expect(first).toBeLessThan(patient(2000));
    for (let i = 0; i < 10; i++) report(record("more"));
    expect(performance.now() - begun - first).toBeLessThan(patient(1000));
    expect(calls).toEqual([]);
  });

  test("begins a new line after a line that was written only in part", () => {
    const { process, calls } = writing([7, "EPIPE"]);
    const report = standardError(process);
    report(record("torn"));
    report(record("whole"));
    report(record("next"));
    expect(calls.join("")).toBe("[shop] \n[shop] error: whole\n[shop] error: next\n");
  });

  test("does not throw where the pipe is broken", () => {
    const { process } = writing(["EPIPE"]);
    expect(() => standardError(process)(record("to nobody"))).not.toThrow();
  });

  test("writes of a forced end what was cut and what has thrown, and nothing that only follows", () => {
    const { process, calls } = writing([]);
    const report = standardError(process);
    report({ ...record("Forced"), event: "forced" });
    report({ ...record("cut"), event: "failure", kind: "timeout" });
    report({ ...record("gave up"), event: "failure", kind: "abort" });
    report({ ...record("thrown"), event: "failure", kind: "throw" });
    report({ ...record("db did not stop"), event: "component", component: "db" });
    report({ ...record("Exited"), event: "exit" });
    expect(calls.join("")).toBe("[shop] error: Forced\n[shop] error: thrown\n");
  });
});
