/**
 * `sitebus serve`: an application, its server and a bus.
 * @module
 */
import { type ComponentHandle, ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";
import { lineOf } from "./_place.ts";
import { answerBy } from "./answer.ts";
import type { ServeOptions } from "./arguments.ts";
import { logToConsole } from "./console_log.ts";
import type { Listening } from "./listening.ts";
import { loadApplication, LoadError } from "./module.ts";
import { say, sayWithStack } from "./say.ts";
import { httpComponent } from "./server.ts";

/** What hosts leave to a process, in milliseconds; who allows a stop to take longer has arranged for more. */
const GRACE_MS = 30_000;

/**
 * Serves until a signal, and resolves when the bus has left the process.
 * @throws {LoadError} Where the application cannot be used; nothing has started then.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { module, host, port, startWithin, stopWithin } = options;
  const application = await loadApplication<ProcessBus>(module);
  const bus = new ProcessBus({
    name: "sitebus",
    platform: native({ uncaught: true, graceMs: Math.max(GRACE_MS, stopWithin) }),
    ...limits(startWithin, stopWithin),
  });
  const fetch = await answerBy(application.serve, (request, error) => {
    bus.log(`Cannot answer ${request}`, { level: "error", error });
  });
  const http: ComponentHandle<Listening> = bus.use(
    httpComponent({ fetch, host, port, log: (...record) => bus.log(...record) }),
  );
  const addressOf = (component: string) => component === http.name ? http.value.url : undefined;
  logToConsole(bus, { say, sayWithStack, addressOf });
  try {
    await application.setup?.(bus);
  } catch (error) {
    throw new LoadError(`Cannot set up "${module}": ${lineOf(error)}`, { cause: error });
  }
  await bus.run();
}

/**
 * Shares the time of the stop out to its states. Nothing extends it: it is a promise to whoever runs the
 * process.
 */
function limits(
  startWithin: number,
  stopWithin: number,
): Pick<ConstructorParameters<typeof ProcessBus>[0], "deadlines" | "atMost"> {
  const start = { start: startWithin };
  const stop = { drain: stopWithin * 0.7, stop: stopWithin * 0.15, exit: stopWithin * 0.1 };
  return { deadlines: { ...start, ...stop, settle: stopWithin * 0.05 }, atMost: { ...start, ...stop } };
}
