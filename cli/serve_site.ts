/**
 * The site of `sitebus serve --workers`: it holds the socket and a pool of processes or threads that serve, and loads nothing of
 * the application.
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { isatty } from "node:tty";
import { type ComponentHandle, ProcessBus } from "../mod.ts";
import type { HealthServer } from "../components/http/health_server.ts";
import { type Pool, pool, site } from "../components/units.ts";
import { watch } from "../components/watch.ts";
import { native } from "../platforms/native.ts";
import type { Config } from "./config.ts";
import { pathOf } from "./module.ts";
import type { Output } from "./output.ts";
import type { ServeValues } from "./options.ts";
import { denoFlags } from "./deno_flags.ts";
import { openControl } from "./open_control.ts";
import { idsOf, useOsServices } from "./os_services.ts";
import { ownPlace, urlOf } from "./own_place.ts";
import { printLog } from "./print_log.ts";
import { rollOnChange } from "./roll_on_change.ts";
import { GRACE_MS, limitsOf, pathsOf, stopTimes } from "./serve_limits.ts";
import type { OsOptions, ServeOptions, Workers } from "./serve_options.ts";
import { ownTerminal, type Terminal } from "./terminal.ts";
import { unitLines } from "./unit_lines.ts";
import { type OwnPlace, POOL, RETIRE, SOCKET, UNIT, type UnitWords } from "./unit_words.ts";
import { UsageError } from "./usage_error.ts";
import { runtimeText, VERSION } from "./version.ts";
import { wrapperWarning } from "./wrapper.ts";

/** The parts of the site. */
export interface SiteOptions {
  /** The values of the command line; each unit puts them together with its config file again. */
  readonly given: Partial<ServeValues>;
  /** The words of the command line, for a warning that repeats them. */
  readonly args: readonly string[];
  readonly options: ServeOptions;
  readonly workers: Workers;
  /** The config file, where there is one. */
  readonly config?: Config | undefined;
  /** Where it prints, and what the units print. */
  readonly output: Output;
}

/** Beyond the time for the start of its application, a unit has this part of it more, and the site twice as much: then the message that says most comes first. */
const MORE = 0.1;

/** The least of that time, in milliseconds: the start of a runtime. */
const LEAST_MORE_MS = 1000;

/**
 * Serves until a signal, and resolves when the bus has left the process.
 * @throws {UsageError} On Windows.
 * @throws {LoadError} If there is no such module.
 */
export async function serveSite(
  { given, args, options, workers, output, config }: SiteOptions,
): Promise<void> {
  const { module, stopWithin, startWithin } = options;
  const place = await ownPlace(options, workers);
  if (process.platform === "win32" && place === undefined) {
    throw new UsageError(
      "--workers is for other systems than Windows, where no process can inherit a listening socket: " +
        "serve by several commands, each on a port of its own, behind a proxy",
    );
  }
  // Once, in place of once for each unit.
  for (const served of options.apps ?? [{ module }]) await pathOf(served.module);
  const more = Math.max(LEAST_MORE_MS, startWithin * MORE);
  const bus = new ProcessBus({
    name: "sitebus",
    platform: native({
      uncaught: true,
      graceMs: Math.max(GRACE_MS, stopWithin),
      ...rolls() && { signals: { SIGHUP: "none" } },
    }),
    ...limitsOf({ startWithin: startWithin + 2 * more, stopWithin }),
  });
  const readyWithin = startWithin + more;
  const web = bus.use(poolOf(bus, { given, options, workers, output, place, readyWithin }));
  if (options.watch) bus.use(watch(bus, { pool: web }));
  const healthServer = await healthOf(bus, web, options);
  const standing = (terminal: Terminal) => unitLines(bus, web, terminal);
  const terminal = output.isFile ? undefined : ownTerminal();
  printLog(bus, { ...options, terminal, standing, write: output.write });
  await openControl(bus, options);
  output.watchSignal(bus);
  tellWhenItServes(bus, { web, healthServer, options, place });
  bus.wait("run").then(() => output.link?.ready(), () => {});
  const warning = output.link === undefined ? wrapperWarning(args) : undefined;
  if (warning !== undefined) bus.log(warning, { level: "warn", event: "wrapper" });
  if (place !== undefined) bus.log(NOT_HELD, { level: "warn", event: "not held" });
  useOsServices(bus, ofSite(options, workers), { json: options.json, server: web.name });
  if (rolls()) rollOnHangUp(bus, web);
  if (options.reload) rollOnChange(bus, web, filesOf(options, config));
  if (options.lameDuck > 0) serveOn(bus, options.lameDuck);
  if (workers.count === 1) passCodeOn(bus);
  await bus.run();
}

const NOT_HELD =
  "No socket can be held here: in a change, the old process stops before the new one starts, " +
  'and nothing serves meanwhile; on Deno, "--allow-ffi" would do';

/** One process that does not start ends the site with its exit code, as if it served alone. */
function passCodeOn(bus: ProcessBus): void {
  bus.subscribe("start_error", (phase) => {
    const { exitCode } = Object(phase.reason.error) as { readonly exitCode?: number };
    if (exitCode) phase.request("exit", { code: exitCode });
  }, { name: "exit code" });
}

/** Processes become the user when they are started, and threads with the site. */
function ofSite(options: ServeOptions, { kind }: Workers): OsOptions {
  const { user: _user, group: _group, ...rest } = options;
  return kind === "thread" ? options : rest;
}

function poolOf(
  bus: ProcessBus,
  { given, options, workers, output, place, readyWithin }: Omit<SiteOptions, "args"> & {
    readonly place: OwnPlace | undefined;
    readonly readyWithin: number;
  },
): ReturnType<typeof pool> {
  const { host, port, unix, stopWithin, json } = options;
  const { drain, stop } = stopTimes(stopWithin);
  const words: UnitWords = { given, json, watch: options.watch, place };
  return pool(bus, {
    name: POOL,
    ...workers,
    ...workers.kind === "process" && idsOf(options),
    ...options.watchdog !== undefined && { stuckMs: options.watchdog },
    entry: new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url),
    args: [UNIT, JSON.stringify(words)],
    ...denoFlags(),
    ...place === undefined
      ? { listen: { [SOCKET]: unix === undefined ? { host, port } : { path: unix } } }
      : { overlap: false },
    ...output.take && { output: output.take },
    readyWithin,
    drainWithin: drain,
    stopWithin: stop,
  });
}

/** The files that the units read at their start. */
function filesOf({ tls }: ServeOptions, config: Config | undefined): readonly string[] {
  return [...config ? [config.file] : [], ...tls ? [tls.cert, tls.key] : []].map((file) => resolve(file));
}

/** Whether SIGHUP rolls: on a terminal it says that the terminal is gone. */
function rolls(): boolean {
  return ![0, 1, 2].some((fd) => isatty(fd));
}

function rollOnHangUp(bus: ProcessBus, web: ComponentHandle<Pool>): void {
  bus.subscribe("signal", ({ name }) => {
    if (name !== "SIGHUP") return;
    // Where it comes during the start, the units may have read what was there before.
    bus.wait("run").then(() => web.value.roll()).catch(() => {
      // The pool has said so, or the bus stops.
    });
  }, { name: "roll" });
}

/** Serves on for a while when the bus is to stop, not ready meanwhile: in the units, too. */
function serveOn(bus: ProcessBus, ms: number): void {
  bus.subscribe("drain", async (phase) => {
    await site(bus).publish(RETIRE, [], { scope: "tree" });
    await phase.delay(ms);
  }, { name: "lame duck", priority: 10 });
}

/** A health on a port of its own is that of the site: it is ready while one unit is. */
async function healthOf(
  bus: ProcessBus,
  web: ComponentHandle<Pool>,
  { health, host }: ServeOptions,
): Promise<HealthServer | undefined> {
  if (health?.port === undefined) return undefined;
  const { Health } = await import("../components/http/health.ts");
  const { HealthServer } = await import("../components/http/health_server.ts");
  const probes = new Health({ bus, ...pathsOf(health, host) }, () => undefined);
  probes.watch();
  const server = new HealthServer({ host, port: health.port }, probes);
  server.follow(bus, web.name);
  return server;
}

/** Logs once, when it serves, the address, the module and the version. */
function tellWhenItServes(
  bus: ProcessBus,
  { web, healthServer, options, place }: {
    readonly place: OwnPlace | undefined;
    readonly web: ComponentHandle<Pool>;
    readonly healthServer: HealthServer | undefined;
    readonly options: ServeOptions;
  },
): void {
  const { module, unix, tls } = options;
  bus.wait("run").then(() => {
    const address = web.value.sockets[SOCKET]?.address ?? "";
    const held = unix === undefined ? `http${tls ? "s" : ""}://${address}/` : `unix:${address}`;
    const url = place === undefined ? held : urlOf(place, tls !== undefined);
    const healthUrl = healthServer?.url;
    const count = web.value.units().length;
    bus.log(`Serving ${module} at ${url} by ${count} workers`, {
      ...{ event: "serving", module, url, pid: process.pid, version: VERSION, runtime: runtimeText() },
      ...{ workers: count, kind: options.workers?.kind },
      ...healthUrl !== undefined && { healthUrl },
    });
  }, () => {
    // It was stopped, or has failed, before it ran: the log says so.
  });
}
