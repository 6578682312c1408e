import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { adopt, site, type Unit, type UnitChannels } from "../../../components/units.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { programArguments, runtime } from "../../spawn.ts";

const buses: ProcessBus<UnitChannels>[] = [];
afterEach(async () => {
  for (const bus of buses.splice(0)) await bus.exit();
});

async function makeBus() {
  const bus = new ProcessBus<UnitChannels>({ platform: inline() });
  buses.push(bus);
  const told: string[] = [];
  bus.subscribe("unit:start", ({ name }) => void told.push(`start ${name}`));
  bus.subscribe("unit:stop", ({ name }) => void told.push(`stop ${name}`));
  await bus.start();
  return { bus, told };
}

const program = fileURLToPath(new URL("../../programs/unit_ends.ts", import.meta.url));
const inThread = (how: string) => new Worker(program, { argv: [how] });
// By `env`, since Deno would add to the arguments where it spawns itself.
const inProcess = (how: string) =>
  spawn("/usr/bin/env", [process.execPath, ...programArguments(program), how], { stdio: "ignore" });

/** What `unit:stop` is told, and when: never before the unit is really gone. */
async function endOf(unit: Unit, bus: ProcessBus<UnitChannels>) {
  return await new Promise<string>((resolve) => {
    bus.subscribe("unit:stop", (ended, { why, code, signal }) => {
      if (ended.id === unit.id) resolve([why, code, signal].filter((part) => part !== undefined).join(" "));
    });
  });
}

describe("adopt()", () => {
  test.each([["ends", "asked 0"], ["exits with 3", "failed 3"], ["throws", "failed 1"], [
    "sets a code",
    "failed 5",
  ]])(
    "tells the end of a thread that %s",
    async (how, expected) => {
      const { bus, told } = await makeBus();
      const worker = inThread(how);
      worker.on("error", () => {});
      const unit = adopt(bus, worker, { name: "resize" });
      expect(site(bus).units()).toEqual([unit]);
      expect(await endOf(unit, bus)).toBe(expected);
      expect(unit.state).toBe("ended");
      expect(site(bus).units()).toEqual([]);
      expect(told).toEqual(["start resize", "stop resize"]);
    },
  );

  test("tells the end of a thread that is terminated", async () => {
    const { bus } = await makeBus();
    const worker = inThread("waits");
    const unit = adopt(bus, worker, { name: "resize" });
    await new Promise((resolve) => worker.on("message", resolve));
    const end = endOf(unit, bus);
    await worker.terminate();
    expect(await end).toBe("failed 1");
  });

  test("does not believe a runtime that says a spinning thread has ended", async () => {
    const { bus, told } = await makeBus();
    const worker = inThread("spins for a while");
    const unit = adopt(bus, worker, { name: "resize" });
    await new Promise((resolve) => worker.on("message", resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const since = performance.now();
    await worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, runtime === "deno" ? 200 : 1000));
    if (runtime === "deno") {
      // It spins for 600 ms more, whatever Deno says.
      expect(told).toEqual(["start resize"]);
      expect(unit.state).not.toBe("ended");
      await unit.ended;
      expect(performance.now() - since).toBeGreaterThan(400);
    } else expect(told).toEqual(["start resize", "stop resize"]);
  });

  test("does not know what became of a thread that spins for ever on Deno", async () => {
    const { bus, told } = await makeBus();
    const worker = inThread("spins");
    const unit = adopt(bus, worker, { name: "resize" });
    await new Promise((resolve) => worker.on("message", resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect([unit.state, told.length]).toEqual(runtime === "deno" ? ["unknown", 1] : ["ended", 2]);
    // The thread would keep this process; it ends with it.
  });

  test.each([["ends", "asked 0"], ["exits with 3", "failed 3"], ["throws", "failed 1"]])(
    "tells the end of a process that %s",
    async (how, expected) => {
      const { bus } = await makeBus();
      const unit = adopt(bus, inProcess(how), { name: "import" });
      expect(unit.pid).toBeGreaterThan(0);
      expect(await endOf(unit, bus)).toBe(expected);
    },
  );

  test("tells the signal that killed a process", async () => {
    const { bus } = await makeBus();
    const child = inProcess("waits");
    const unit = adopt(bus, child, { name: "import" });
    const end = endOf(unit, bus);
    process.kill(child.pid!, "SIGKILL");
    expect(await end).toBe("failed SIGKILL");
    expect(() => adopt(bus, child, { name: "again" })).toThrow(
      'Cannot adopt the unit "again": the process has ended already',
    );
  });

  test.each<[title: string, worker: unknown, options: object, message: string]>([
    [
      "what is no thread and no process",
      {},
      { name: "a" },
      'Cannot adopt the unit "a": it is an object, expected a Worker',
    ],
    ["a unit without a name", {}, {}, "Cannot adopt a unit: the name is undefined"],
  ])("refuses %s", async (_title, worker, options, message) => {
    const { bus } = await makeBus();
    expect(() => adopt(bus, worker as Worker, options as { name: string })).toThrow(message);
  });
});
