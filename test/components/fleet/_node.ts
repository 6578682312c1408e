/**
 * A node of a fleet in the process of the tests: a bus, and what it did.
 * @module
 */
import { onTestFinished } from "vitest";
import { type Fleet, fleet, type FleetOptions } from "../../../components/fleet.ts";
import { type ComponentHandle, inline, type LogRecord, type Platform, ProcessBus } from "../../../mod.ts";
import { patient } from "../../../scripts/patience.ts";
import { connectTo } from "./_nats.ts";

/** A node, and what is known of it. */
export interface TestNode {
  readonly bus: ProcessBus;
  readonly fleet: ComponentHandle<Fleet>;
  /** The details of each reload that was committed. */
  readonly reloads: unknown[];
  readonly log: LogRecord[];
  /** What was logged of the fleet. */
  said(status: string): readonly string[];
}

/** Makes a node; it is not started. */
export function newNode(
  port: number,
  { veto, platform = inline(), ...options }: Partial<FleetOptions> & {
    readonly name: string;
    /** Why a reload is refused. */
    readonly veto?: (details: unknown) => string | undefined;
    readonly platform?: Platform;
  },
): TestNode {
  const bus = new ProcessBus({ name: "web", platform });
  const reloads: unknown[] = [];
  const log: LogRecord[] = [];
  bus.subscribe("log", (record) => void log.push(record));
  bus.subscribe("reload", ({ details }) => {
    const why = veto?.(details);
    if (why !== undefined) throw new Error(why);
    return { commit: () => void reloads.push(details) };
  });
  const handle = bus.use(fleet(bus, { connect: () => connectTo(port), expireMs: 2_000, ...options }));
  onTestFinished(async () => {
    await bus.exit().catch(() => {});
  });
  return {
    bus,
    fleet: handle,
    reloads,
    log,
    said: (status) =>
      log.filter((record) => record.event === "fleet" && record["status"] === status).map(({ message }) =>
        message
      ),
  };
}

/** Makes and starts a node. */
export async function startNode(...args: Parameters<typeof newNode>): Promise<TestNode> {
  const node = newNode(...args);
  await node.bus.start();
  return node;
}

/** Waits until something holds. */
export async function until(what: string, holds: () => unknown, ms = 10_000): Promise<void> {
  const end = performance.now() + patient(ms);
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`It did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
