/**
 * The log of a bus as server-sent events. While nobody reads, no record becomes text.
 * @module
 */
import type { ProcessBus } from "../../src/process_bus.ts";
import type { LogRecord } from "../../src/records.ts";
import { jsonLine } from "../log/json_line.ts";
import type { ReplyLike } from "./_node_http.ts";
import { watchLog } from "./watch_log.ts";

/** A reader that is so many bytes behind is cut: what it does not read stays in the memory of this process. */
export const MOST_BEHIND: number = 1_048_576;

/** The levels of the log, the least first. */
export const EVENT_LEVELS: readonly LogRecord["level"][] = ["debug", "info", "warn", "error"];

const LEVELS: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The readers of one bus's log. */
export class EventStream {
  readonly #bus: ProcessBus;
  readonly #readers = new Map<ReplyLike, number>();
  #unwatch: (() => void) | undefined;
  #dropped = 0;

  constructor(bus: ProcessBus) {
    this.#bus = bus;
  }

  /** How many read now. */
  get size(): number {
    return this.#readers.size;
  }

  /** How many were cut since they did not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Answers with the records of the log from now on, of at least that level. */
  add(reply: ReplyLike, level: LogRecord["level"]): void {
    reply.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    // The client knows by it that it misses nothing from now on.
    reply.write(`: the log of "${this.#bus.name.replace(/\s/g, " ")}"\n\n`);
    this.#readers.set(reply, LEVELS[level]!);
    this.#unwatch ??= watchLog(this.#bus, (record) => this.#send(record));
    reply.on("close", () => this.#remove(reply));
    reply.on("error", () => this.#remove(reply));
  }

  /** Ends all answers. */
  close(): void {
    for (const reply of [...this.#readers.keys()]) {
      this.#remove(reply);
      reply.end();
    }
  }

  #remove(reply: ReplyLike): void {
    this.#readers.delete(reply);
    if (this.#readers.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #send(record: LogRecord): void {
    const level = LEVELS[record.level] ?? 0;
    let text: string | undefined;
    for (const [reply, least] of this.#readers) {
      if (level < least) continue;
      // Once for all readers.
      text ??= eventText(record);
      if (reply.writableLength + text.length > MOST_BEHIND) {
        this.#dropped++;
        this.#remove(reply);
        reply.destroy();
      } else reply.write(text);
    }
  }
}

/** One record as an event; the name of the event is the record's own, or "log". */
export function eventText(record: LogRecord): string {
  const { event } = record;
  const name = typeof event === "string" && event !== "" ? event.replace(/[\r\n\0]/g, " ") : "log";
  return `event: ${name}\ndata: ${jsonLine(record)}\n`;
}
