/**
 * Where the log of a served application goes: to a terminal that shows what is pending, or line by line.
 * @module
 */
import type { LogRecord, Phase, ProcessBus, Reason } from "../mod.ts";
import { runningOf } from "./_pending.ts";
import { consoleText } from "./console_log.ts";
import { jsonLine } from "./json_log.ts";
import type { Terminal } from "./terminal.ts";
import { terminalLog } from "./terminal_log.ts";

/** What is said, how, and to whom. */
export interface LogToOptions {
  /** One JSON object a line. Default: lines for people. */
  readonly json?: boolean;
  /** Warnings and errors alone. Default false. */
  readonly quiet?: boolean;
  /** Where there is one, and neither `json` nor `quiet` is set, it shows what is pending. */
  readonly terminal?: Terminal | undefined;
  /** Takes text for the standard error. Never throws. */
  readonly write: (text: string) => void;
  /** Where a component listens, by its name. */
  readonly addressOf?: (component: string) => string | undefined;
  /** How many requests a component has in flight, by its name. */
  readonly requestsOf?: (component: string) => number | undefined;
}

/** Before and after the components, which run at 50. */
const [FIRST, LAST] = [{ name: "log", priority: 0 }, { name: "log", priority: 100 }];

/** Says all that the bus logs from now on but what is for debugging, and when it is ready, stops and has stopped. */
export function logTo(bus: ProcessBus, options: LogToOptions): void {
  const { json = false, quiet = false, terminal, write, requestsOf = () => undefined } = options;
  const { colour = false } = terminal ?? {};
  const line = (record: LogRecord) => json ? jsonLine(record) : consoleText(record, { colour });
  const print = terminal && !json && !quiet ? terminalLog(bus, { terminal, requestsOf }) : write;
  const tell = timed(bus, options);
  bus.subscribe("log", (record) => {
    const { level, message } = record;
    if (level === "debug" || quiet && level === "info") return;
    if (json || !message.startsWith("Bus state: ")) print(line(tell(record)));
  }, { name: "log" });
}

/** Logs when the bus is ready and when it begins to stop; returns what adds to a record what only `serve` knows. */
function timed(bus: ProcessBus, { addressOf }: LogToOptions): (record: LogRecord) => LogRecord {
  // Of the start or the stop under way; `performance` counts from the start of the process.
  let since = 0;
  let stopping = false;
  let signal: Reason | undefined;
  const elapsed = () => performance.now() - since;
  const stop = ({ by, name }: Partial<Reason>) => {
    if (stopping) return;
    stopping = true;
    since = performance.now();
    const why = by === "error" ? " after a failure" : "";
    const details = { status: "stopping", ...by === "signal" && { signal: name } };
    bus.log(`${name ? `${name}: ` : ""}stopping${why}`, details);
  };
  bus.subscribe("signal", (reason) => {
    signal = reason;
  }, { name: "log" });
  bus.subscribe("start", (phase) => {
    if (stopping) since = performance.now();
    stopping = false;
    // A start that is given up is left only when its components are, and who pressed Ctrl-C wants to know now.
    const abort = () => {
      const { name } = Object(phase.signal.reason) as { name?: unknown };
      if (name === "AbortError") stop(signal ?? {});
    };
    phase.signal.addEventListener("abort", abort);
  }, FIRST);
  bus.subscribe("run", () => {
    const ms = elapsed();
    bus.log(`ready in ${Math.round(ms)} ms`, { status: "ready", ms });
  }, LAST);
  bus.subscribe("drain", ({ reason }: Phase) => stop(reason), FIRST);

  return (record) => {
    const { component, status, code, reason, state } = record;
    if (state === "exited" && typeof code === "number") {
      const late = runningOf(bus.inspect()).map(({ name, ...rest }) => ({ listener: name, ...rest }));
      return { ...record, status: "exited", ms: elapsed(), ...late.length > 0 && { late } };
    }
    if (typeof component === "string" && status === "up") {
      const url = addressOf?.(component);
      return url === undefined ? record : { ...record, url };
    }
    const { by, name } = Object(reason) as Partial<Reason>;
    return by === "signal" ? { ...record, signal: name } : record;
  };
}
