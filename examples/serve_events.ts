/**
 * Streams that would never end by themselves, and end when the process is told to stop, so that nobody waits for
 * them: `npx sitebus serve examples/serve_events.ts`, then `curl -N http://127.0.0.1:3000/`
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { ProcessBus } from "../mod.ts";

let bus: ProcessBus;

/** Keeps the bus: its `running` aborts when the drain begins. */
export function setup(given: ProcessBus): void {
  bus = given;
}

/** Sends the time each second. */
export default function fetch(): Response {
  return new Response(ReadableStream.from(ticks(bus.running)).pipeThrough(new TextEncoderStream()), {
    headers: { "Content-Type": "text/event-stream" },
  });
}

async function* ticks(running: AbortSignal): AsyncGenerator<string> {
  while (!running.aborted) {
    yield `data: ${new Date().toISOString()}\n\n`;
    await delay(1000, undefined, { signal: running }).catch(() => {});
  }
  yield "data: goodbye\n\n";
}
