import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type FleetController, fleetController } from "../../../components/fleet.ts";
import { start } from "../../spawn.ts";
import { newFolder } from "../reload/_bus.ts";
import { connectTo, serverOfFile } from "./_nats.ts";

const LONG_MS = 60_000;
const server = serverOfFile();

async function startAll(name: string, files: readonly string[] = []): Promise<FleetController> {
  const programs = ["one", "two"].map((node, index) => {
    const args = [String(server.port), name, node, "", files[index] ?? ""];
    return start("fleet_node", { args, timeoutMs: LONG_MS });
  });
  for (const program of programs) await program.waitForLine("runs as");
  const controller = await fleetController({ name, connect: () => connectTo(server.port) });
  onTestFinished(async () => {
    for (const { pid } of await controller.members()) {
      try {
        process.kill(pid!, "SIGKILL");
      } catch {
        // It is gone.
      }
    }
    await controller.close();
  });
  return controller;
}

test("a roll restarts each process, and its successor goes on in its place", async () => {
  const controller = await startAll("restart");
  await controller.reload({ color: "blue" });
  const before = await controller.members();
  const { ok, done } = await controller.roll("restart");
  expect({ ok, done }).toEqual({ ok: true, done: ["one", "two"] });
  const after = await controller.members();
  expect(after).toHaveLength(2);
  for (const [index, { node, instance, generation, ready }] of after.entries()) {
    expect({ node, generation, ready }).toEqual({ node: before[index]!.node, generation: 1, ready: true });
    expect(instance).not.toBe(before[index]!.instance);
  }
}, LONG_MS);

test("a successor that does not start ends the roll, and the others stay as they are", async () => {
  const folder = newFolder();
  const controller = await startAll("broken", ["one", "two"].map((node) => join(folder, node)));
  const before = await controller.members();
  const { ok, done, failed, waiting } = await controller.roll("restart");
  expect({ ok, done }).toEqual({ ok: false, done: [] });
  expect(failed).toHaveLength(1);
  expect(waiting).toHaveLength(1);
  const [left] = (await controller.members()).filter(({ node }) => waiting.includes(node));
  expect(left?.instance).toBe(before.find(({ node }) => node === left?.node)?.instance);
}, LONG_MS);
