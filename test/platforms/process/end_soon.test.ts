import { expect, onTestFinished, test, vi } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { type EndOptions, endSoon } from "../../../platforms/process/ending.ts";
import { sleep } from "../../spawn.ts";
import { fakeProcess } from "../fake_process.ts";

/** Begins to end a process with so many bytes of pending output. */
function begin(options: Omit<EndOptions, "code" | "warn">, writableLength: number) {
  const output = { writableLength };
  const stdout = output as unknown as ReturnType<typeof fakeProcess>["stdout"];
  const process = fakeProcess({ stdout, versions: {} });
  const records: { message: string; details: object }[] = [];
  const warn: EndOptions["warn"] = (message, details) => void records.push({ message, details });
  const since = performance.now();
  onTestFinished(endSoon(process, { ...options, code: 3, warn }));
  const ended = async () => {
    await vi.waitFor(() => expect(process.exits).toHaveLength(1), { timeout: patient(3000), interval: 5 });
    return performance.now() - since;
  };
  return { process, output, records, ended };
}

test("a process has all of its time to end by itself", async () => {
  const { ended, process, records } = begin({ leftMs: 500 }, 0);
  expect(await ended()).toBeGreaterThan(490);
  expect(process.exitCode).toBe(3);
  expect(records).toEqual([
    {
      message: expect.stringMatching(/^The process is ended by force \d+ ms after its bus: /),
      details: { ms: expect.any(Number) },
    },
  ]);
});

test("a thing that cannot end is not waited for, and is named in the warning", async () => {
  const { ended, records } = begin({ leftMs: 3000, late: ['"db" on "stop"'], left: ["a lock", "a port"] }, 0);
  expect(await ended()).toBeLessThan(patient(1000));
  expect(records).toEqual([
    {
      message: expect.stringContaining(': "db" on "stop" still runs, a lock, a port, '),
      details: {
        ms: expect.any(Number),
        late: ['"db" on "stop"'],
        left: ["a lock", "a port"],
      },
    },
  ]);
});

test("pending output is waited for although something cannot end", async () => {
  const { ended, process, output } = begin({ leftMs: 3000, left: ["a lock"] }, 5);
  await sleep(400);
  expect(process.exits).toEqual([]);
  output.writableLength = 0;
  expect(await ended()).toBeLessThan(patient(1500));
});

test("output that nobody reads is not waited for after time is up, and is named in the warning", async () => {
  const { ended, records } = begin({ leftMs: 400, left: ["a lock"] }, 5);
  expect(await ended()).toBeGreaterThan(390);
  expect(records[0]?.message).toMatch(
    /after its bus: a lock, still open: 5 bytes of output that nobody reads/,
  );
});
