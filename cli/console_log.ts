/**
 * The log of a bus as lines that a person reads: what is up, what stops, and who is late.
 * @module
 */
import type { LogRecord, ProcessBus } from "../mod.ts";
import { lineOf } from "./_place.ts";

/** What the lines are made with. */
export interface ConsoleLogOptions {
  /** Takes one line, whatever is in it. */
  readonly say: (line: string) => void;
  /** Takes a line and the error below it. */
  readonly sayWithStack: (line: string, error: unknown) => void;
  /** Where a component listens, by its name. */
  readonly addressOf: (component: string) => string | undefined;
}

/** Says all that the bus logs from now on, but what is for debugging. */
export function logToConsole(bus: ProcessBus, options: ConsoleLogOptions): void {
  const { say, sayWithStack, addressOf } = options;
  // Of the start or the stop under way; `performance` counts from the start of the process.
  let since = 0;
  const elapsed = () => `${Math.round(performance.now() - since)} ms`;

  bus.subscribe("log", (record) => {
    const { level, message, error, component, status, code, listener } = record;
    if (level === "debug" || message.startsWith("Bus state: ")) return;
    if (typeof component === "string" && typeof status === "string") {
      const address = status === "up" ? addressOf(component) : undefined;
      return say(`${component} ${did(record)}${address === undefined ? "" : ` at ${address}`}`);
    }
    if (typeof code === "number") {
      const [late = ""] = / while .*/.exec(message) ?? [];
      return say(`stopped in ${elapsed()}, exit code ${code}${late}`);
    }
    if (level === "info") return say(message);
    const kind = level === "warn" ? "warning" : "error";
    if (error === undefined) return say(`${kind}: ${message}`);
    if (listener !== undefined) return say(`${kind}: ${failed(record)}`);
    // Nobody's listener, so only the stack says whose error it is.
    return sayWithStack(`${kind}: ${message}`, error);
  }, { name: "console" });

  // Components run at 50.
  const [before, after] = [{ name: "console", priority: 0 }, { name: "console", priority: 100 }];
  bus.subscribe("run", () => say(`ready in ${elapsed()}`), after);
  bus.subscribe("drain", ({ reason }) => {
    since = performance.now();
    say(`${reason.name ? `${reason.name}: ` : ""}stopping${reason.by === "error" ? " after a failure" : ""}`);
  }, before);
}

const STATUS: Readonly<Record<string, string>> = {
  up: "is up",
  drained: "is drained",
  down: "is stopped",
};

function did({ status, ms }: LogRecord): string {
  const time = typeof ms === "number" ? ` in ${Math.round(ms)} ms` : "";
  return `${STATUS[String(status)] ?? `is ${status}`}${time}`;
}

/** A listener that failed, in the words of somebody who runs it. */
function failed({ message, listener, channel, kind, ms, error }: LogRecord): string {
  if (kind === undefined) return message;
  const why = kind === "timeout" ? `it still runs after ${Math.round(Number(ms))} ms` : lineOf(error);
  const step = channel === "start" || channel === "drain" || channel === "stop";
  return `${step ? `${listener} did not ${channel}` : `"${listener}" on "${channel}" failed`}: ${why}`;
}
