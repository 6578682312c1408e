/**
 * `sitebus serve`: an application, its server and a bus.
 * @module
 */
import process from "node:process";
import { type ComponentHandle, ProcessBus } from "../mod.ts";
import { type HttpServer, httpServer, type HttpServerOptions } from "../components/http.ts";
import { lineOf } from "../components/log/place.ts";
import { native } from "../platforms/native.ts";
import type { Health } from "./_values.ts";
import { answerBy } from "./answer.ts";
import { readCertificate } from "./certificate.ts";
import { readConfig } from "./config.ts";
import { takeServedRequests } from "./global_request.ts";
import { LoadError } from "./load_error.ts";
import { makeServer } from "./make_server.ts";
import { loadApplication } from "./module.ts";
import type { ServeValues } from "./options.ts";
import { printLog } from "./print_log.ts";
import { writeError } from "./say.ts";
import { DRAIN_SHARE, type ServeOptions, serveOptions } from "./serve_options.ts";
import { ownTerminal } from "./terminal.ts";
import { runtimeText, VERSION } from "./version.ts";
import { within } from "./within.ts";
import { wrapperWarning } from "./wrapper.ts";

/** Milliseconds that hosts usually give a process to stop; a longer `--stop-within` says that the host gives more. */
const GRACE_MS = 30_000;

/**
 * Serves until a signal, and resolves when the bus has left the process; `given` is what the command line says,
 * and `args` its words. Where it rejects, nothing has started.
 * @throws {UsageError} If what was given contradicts itself, or there is no module.
 * @throws {ConfigError} If the config file, the environment, the certificate or the key cannot be used.
 * @throws {LoadError} If the application cannot be used.
 */
export async function serve(given: Partial<ServeValues>, args: readonly string[]): Promise<void> {
  const config = await readConfig(given.config, process.cwd());
  const options = serveOptions(given, { config, env: process.env, folder: process.cwd() });
  const { module, tls, keepAlive, json, startWithin: ms, stopWithin } = options;
  const keyPair = tls && await readCertificate(tls);
  await takeServedRequests();
  const application = await within(() => loadApplication<ProcessBus>(module), {
    ...{ ms, action: `load "${module}"`, subject: "its import", json },
  });
  const bus = new ProcessBus({
    name: "sitebus",
    platform: native({ uncaught: true, graceMs: Math.max(GRACE_MS, stopWithin) }),
    ...limits(ms, stopWithin),
  });
  const answer = answerBy(application.serve, (request, error) => {
    bus.log(`Cannot answer ${request}`, { level: "error", event: "request", error });
  });
  const server = await makeServer({ answer, tls: keyPair, keepAlive });
  const http: ComponentHandle<HttpServer> = bus.use(httpServer(server, placeOf(bus, options)));
  printLog(bus, { ...options, http, terminal: ownTerminal(), write: writeError });
  tellWhenItServes(bus, http, module);
  const warning = wrapperWarning(args);
  if (warning !== undefined) bus.log(warning, { level: "warn", event: "wrapper" });
  for (const ignored of application.ignored) bus.log(ignored, { level: "warn", event: "ignored" });
  const { setup } = application;
  if (setup) {
    const action = `set up "${module}"`;
    const body = async () => {
      try {
        await setup(bus);
      } catch (error) {
        throw new LoadError(`Cannot ${action}: ${lineOf(error)}`, { cause: error });
      }
    };
    await within(body, { ms, action, subject: "its setup", json });
  }
  await bus.run();
}

/** Logs once, when it serves, the address, the module and the version. */
function tellWhenItServes(bus: ProcessBus, http: ComponentHandle<HttpServer>, module: string): void {
  bus.wait("run").then(() => {
    const { url, healthUrl } = http.value;
    bus.log(`Serving ${module} at ${url}`, {
      ...{ event: "serving", module, url, pid: process.pid, version: VERSION, runtime: runtimeText() },
      ...healthUrl !== undefined && { healthUrl },
    });
  }, () => {
    // It was stopped, or has failed, before it ran: the log says so.
  });
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

/** Shares the time of the stop out to its states. Nothing extends it: whoever runs the process relies on it. */
function limits(
  startWithin: number,
  stopWithin: number,
): Pick<ConstructorParameters<typeof ProcessBus>[0], "deadlines" | "atMost"> {
  const start = { start: startWithin };
  const stop = { drain: stopWithin * DRAIN_SHARE, stop: stopWithin * 0.15, exit: stopWithin * 0.1 };
  return { deadlines: { ...start, ...stop, settle: stopWithin * 0.05 }, atMost: { ...start, ...stop } };
}
