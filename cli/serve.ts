/**
 * `sitebus serve`: an application, its server and a bus.
 * @module
 */
import process from "node:process";
import { type ComponentHandle, ProcessBus } from "../mod.ts";
import { type HttpServer, httpServer, type HttpServerOptions } from "../components/http.ts";
import { native } from "../platforms/native.ts";
import { lineOf } from "./_place.ts";
import type { Health } from "./_values.ts";
import { answerBy } from "./answer.ts";
import { readKeyPair } from "./certificate.ts";
import { readConfig } from "./config.ts";
import { logTo } from "./log_to.ts";
import { makeServer } from "./make_server.ts";
import { loadApplication, LoadError } from "./module.ts";
import type { ServeValues } from "./options.ts";
import { writeError } from "./say.ts";
import { DRAIN_SHARE, type ServeOptions, serveOptions } from "./serve_options.ts";
import { ownTerminal } from "./terminal.ts";
import { wrapperWarning } from "./wrapper.ts";

/** What hosts leave to a process, in milliseconds; who allows a stop to take longer has arranged for more. */
const GRACE_MS = 30_000;

/**
 * Serves until a signal, and resolves when the bus has left the process; `given` is what the command line says,
 * and `args` its words. Where it rejects, nothing has started.
 * @throws {UsageError} Where what was given contradicts itself.
 * @throws {ConfigError} Where the config file, the certificate or the key cannot be used.
 * @throws {LoadError} Where the application cannot be used.
 */
export async function serve(given: Partial<ServeValues>, args: readonly string[]): Promise<void> {
  const options = serveOptions(given, await readConfig(given.config, process.cwd()));
  const { module, tls, quiet, json, startWithin, stopWithin } = options;
  const keyPair = tls && await readKeyPair(tls);
  const application = await loadApplication<ProcessBus>(module);
  const bus = new ProcessBus({
    name: "sitebus",
    platform: native({ uncaught: true, graceMs: Math.max(GRACE_MS, stopWithin) }),
    ...limits(startWithin, stopWithin),
  });
  const fetch = await answerBy(application.serve, (request, error) => {
    bus.log(`Cannot answer ${request}`, { level: "error", error });
  });
  const server = await makeServer({ fetch, tls: keyPair });
  const http: ComponentHandle<HttpServer> = bus.use(httpServer(server, placeOf(bus, options)));
  const addressOf = (component: string) => component === http.name ? http.value.url : undefined;
  const requestsOf = (component: string) => component === http.name ? http.value.inFlight : undefined;
  logTo(bus, { quiet, json, terminal: ownTerminal(), write: writeError, addressOf, requestsOf });
  const warning = wrapperWarning(args);
  if (warning !== undefined) bus.log(warning, { level: "warn" });
  for (const ignored of application.ignored) bus.log(ignored, { level: "warn", event: "ignored" });
  try {
    await application.setup?.(bus);
  } catch (error) {
    throw new LoadError(`Cannot set up "${module}": ${lineOf(error)}`, { cause: error });
  }
  await bus.run();
}

/** Where it listens, and how its health is told. */
function placeOf(bus: ProcessBus, { host, port, unix, lameDuck, health }: ServeOptions): HttpServerOptions {
  const place = unix === undefined ? { host, port } : { path: unix };
  return { ...place, lameDuckMs: lameDuck, ...health && { health: { bus, ...pathsOf(health, host) } } };
}

function pathsOf({ prefix, port }: Health, host: string) {
  const [livez, readyz, startupz] = [`${prefix}/livez`, `${prefix}/readyz`, `${prefix}/startupz`];
  return { livez, readyz, startupz, ...port === undefined ? {} : { port, host } };
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
  const stop = { drain: stopWithin * DRAIN_SHARE, stop: stopWithin * 0.15, exit: stopWithin * 0.1 };
  return { deadlines: { ...start, ...stop, settle: stopWithin * 0.05 }, atMost: { ...start, ...stop } };
}
