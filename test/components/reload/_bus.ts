/**
 * A bus and a folder for the tests of what is read again.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { inline, type LogRecord, ProcessBus } from "../../../mod.ts";

/** A folder that is removed when the test is over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-reload-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A bus that exits when the test is over, and what it has logged. */
export function newBus(): {
  readonly bus: ProcessBus;
  readonly log: LogRecord[];
  said(level: string): string[];
} {
  const bus = new ProcessBus({ platform: inline(), deadlines: { reload: 5_000 } });
  const log: LogRecord[] = [];
  bus.subscribe("log", (record) => void log.push(record));
  onTestFinished(async () => {
    await bus.exit().catch(() => {});
  });
  return {
    bus,
    log,
    said: (level) => log.filter((record) => record.level === level).map(({ message }) => message),
  };
}

/** Resolves after so many milliseconds. */
export const wait = (ms: number): Promise<void> => new Promise<void>((resolve) => setTimeout(resolve, ms));
