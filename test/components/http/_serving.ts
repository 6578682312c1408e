/**
 * A bus with one server, in this process.
 * @module
 */
import { onTestFinished } from "vitest";
import { type Component, inline, type LogRecord, ProcessBus } from "../../../mod.ts";
import type { HttpServer } from "../../../components/http.ts";

/** A bus with one server. */
export interface Serving {
  readonly bus: ProcessBus;
  readonly http: HttpServer;
  readonly records: readonly LogRecord[];
  /** Stops the bus; resolves to the milliseconds that it took. */
  stop(): Promise<number>;
}

/** Starts a bus with a server, and exits it after the test. */
export async function serving(
  component: Component<HttpServer> | ((bus: ProcessBus) => Component<HttpServer>),
  { drainMs = 2000 }: { readonly drainMs?: number | undefined } = {},
): Promise<Serving> {
  const bus = new ProcessBus({ platform: inline(), deadlines: { drain: drainMs } });
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record));
  const web = bus.use(typeof component === "function" ? component(bus) : component);
  onTestFinished(() => bus.exit().catch(() => {}));
  await bus.start();
  return {
    bus,
    records,
    get http() {
      return web.value;
    },
    async stop() {
      const since = performance.now();
      await bus.stop();
      return performance.now() - since;
    },
  };
}
