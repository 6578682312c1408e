/**
 * One line for each unit of a pool, for a terminal: its state, its process, its requests in flight and its memory.
 * @module
 */
import type { ComponentHandle, ProcessBus } from "../mod.ts";
import { countText } from "../components/log/plain_text.ts";
import type { Pool, PoolStatus, UnitStatus } from "../components/units.ts";
import type { Terminal } from "./terminal.ts";

/** How often the units are asked, in milliseconds. */
const EVERY_MS = 1000;

/** Asks the units from the start of the bus to its end; returns what makes the lines of the last answers. */
export function unitLines(
  bus: ProcessBus,
  web: ComponentHandle<Pool>,
  terminal: Pick<Terminal, "setTimer">,
): () => readonly string[] {
  let status: PoolStatus | undefined;
  let isOver = false;
  const look = async () => {
    status = await web.value.status();
    if (isOver) status = undefined;
    else terminal.setTimer(EVERY_MS, () => void look());
  };
  bus.subscribe("run", () => void look(), { name: "terminal" });
  // The pool is gone: its lines are of no more use.
  bus.subscribe("exit", () => {
    isOver = true;
    status = undefined;
  }, { name: "terminal", priority: 0 });
  return () => status === undefined ? [] : linesOf(status);
}

/** A line for each unit, in columns. */
export function linesOf({ units, degraded, name }: PoolStatus): string[] {
  const rows = [...units].sort((a, b) => slotOf(a) - slotOf(b) || a.id - b.id).map(cellsOf);
  const widths = rows.reduce<readonly number[]>(
    (most, cells) => cells.map((cell, index) => Math.max(cell.length, most[index] ?? 0)),
    [],
  );
  const lines = rows.map((cells) =>
    cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ").trimEnd()
  );
  return degraded === undefined ? lines : [
    ...lines,
    `${name} is degraded: ${degraded.restarts} units were replaced, ${degraded.maxRestarts} may be`,
  ];
}

function cellsOf({ name, state, pid, kind, inFlight, memory }: UnitStatus): readonly string[] {
  return [
    name,
    state,
    pid === undefined ? kind : `process ${pid}`,
    inFlight === undefined ? "" : countText(inFlight, "request"),
    memory === undefined ? "" : `${(memory / 1e6).toFixed(0)} MB`,
  ];
}

function slotOf({ name }: UnitStatus): number {
  return Number(name.slice(name.lastIndexOf("/") + 1));
}
