/**
 * `sitebus serve`: an application, its server and a bus.
 * @module
 */
import process from "node:process";
import { type ComponentHandle, ProcessBus } from "../mod.ts";
import type { HttpServer, HttpServerOptions } from "../components/http.ts";
import { native } from "../platforms/native.ts";
import { readCertificate } from "./certificate.ts";
import { readConfig } from "./config.ts";
import type { ServeValues } from "./options.ts";
import { printLog } from "./print_log.ts";
import { writeError } from "./say.ts";
import { GRACE_MS, limitsOf, pathsOf } from "./serve_limits.ts";
import { type ServeOptions, serveOptions } from "./serve_options.ts";
import { ownTerminal } from "./terminal.ts";
import { runtimeText, VERSION } from "./version.ts";
import { wrapperWarning } from "./wrapper.ts";

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
  const { module, tls, keepAlive, stopWithin, workers } = options;
  const keyPair = tls && await readCertificate(tls);
  if (workers !== undefined) {
    const { serveSite } = await import("./serve_site.ts");
    return await serveSite({ given, args, options, workers });
  }
  // A site loads no server.
  const { loadServed, setUp, useServer } = await import("./application.ts");
  const application = await loadServed(options);
  const bus = new ProcessBus({
    name: "sitebus",
    platform: native({ uncaught: true, graceMs: Math.max(GRACE_MS, stopWithin) }),
    ...limitsOf(options),
  });
  const server = placeOf(bus, options);
  const http = await useServer(bus, { application, tls: keyPair, keepAlive, server });
  printLog(bus, { ...options, http, terminal: ownTerminal(), write: writeError });
  tellWhenItServes(bus, http, module);
  const warning = wrapperWarning(args);
  if (warning !== undefined) bus.log(warning, { level: "warn", event: "wrapper" });
  await setUp(bus, { application, options });
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
