/**
 * Prints the log of a served application: on a terminal that shows what is pending, or line by line.
 * @module
 */
import type { LogRecord, ProcessBus } from "../mod.ts";
import { jsonLine, logTo, type ServerHandle, textLine } from "../components/log.ts";
import { styled } from "./_ansi.ts";
import { startBlock } from "./start_block.ts";
import type { Terminal } from "./terminal.ts";
import { terminalLog } from "./terminal_log.ts";

/** The format and the destination. */
export interface PrintLogOptions {
  /** One JSON object a line. Default: lines for people. */
  readonly json?: boolean;
  /** Warnings and errors alone. Default false. */
  readonly quiet?: boolean;
  /** A terminal that can be drawn on, where there is one. With neither `json` nor `quiet` it shows what is pending. */
  readonly terminal?: Terminal | undefined;
  /** Lines that stand at the bottom of the terminal, also while the bus runs. Default none. */
  readonly standing?: ((terminal: Terminal) => () => readonly string[]) | undefined;
  /** Takes text for the standard error. It never throws. */
  readonly write: (text: string) => void;
  /** The server, where this process serves. */
  readonly http?: ServerHandle | undefined;
  /** The process or thread whose log it is, where there are several: each line or record has its name. */
  readonly unit?: string | undefined;
}

/** How often it is said what a start or a stop waits for, where no terminal shows it, in milliseconds. */
const PENDING_EVERY_MS = 5000;

/**
 * Prints the log of the bus from now on, without records of the level debug. `json` and `quiet` are looked at with each
 * record, since a reload may change them.
 */
export function printLog(bus: ProcessBus, options: PrintLogOptions): void {
  const { terminal, write, http, unit } = options;
  const requestsOf = (component: string) => component === http?.name ? http.value.inFlight : undefined;
  // The terminal is the site's to draw on.
  const live = terminal && !options.json && !options.quiet && unit === undefined;
  const standing = live ? options.standing?.(terminal) : undefined;
  const print = live ? terminalLog(bus, { terminal, requestsOf, standing }) : write;
  const style = terminal?.colour ? styled : undefined;
  const text = (record: LogRecord) => startBlock(record) ?? textLine(record, style && { style });
  const unitText = (record: LogRecord) =>
    isOfLife(record) ? undefined : text({ ...record, bus: `sitebus: ${unit}` });
  logTo(bus, (record) => {
    if (options.quiet && record.level === "info") return;
    const line = options.json
      ? jsonLine(unit === undefined ? record : { ...record, unit })
      : (unit === undefined ? text : unitText)(record);
    if (line !== undefined) print(line);
  }, {
    level: "info",
    servers: http === undefined ? [] : [http],
    pendingEvery: live ? Infinity : PENDING_EVERY_MS,
  });
}

/** The events of a bus's own life where nothing is wrong. The site tells them of its units in fewer lines. */
function isOfLife({ level, event }: LogRecord): boolean {
  return level === "info" && event !== undefined && EVENTS_OF_LIFE.has(event);
}

const EVENTS_OF_LIFE: ReadonlySet<string> = new Set([
  ...["state", "settled", "component", "stopping", "signal", "drained", "exit", "reload", "pending", "cut"],
]);
