/**
 * One process or thread of `sitebus serve --workers`: the application on a bus of its own, which serves on the socket that the
 * site holds.
 * @module
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { ProcessBus } from "../mod.ts";
import type { HttpServerOptions } from "../components/http.ts";
import { site, unit as unitPlatform } from "../components/units.ts";
import { CONFIG, FAILED } from "../src/exit_codes.ts";
import { loadServed, setUp, useServer } from "./application.ts";
import { readCertificate } from "./certificate.ts";
import { readConfig } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import { takeServedRequests } from "./global_request.ts";
import { LoadError } from "./load_error.ts";
import type { ServedUnit } from "./needs.ts";
import type { ServeValues } from "./options.ts";
import { printLog } from "./print_log.ts";
import { say, writeError } from "./say.ts";
import { limitsOf, pathsOf } from "./serve_limits.ts";
import { type ServeOptions, serveOptions } from "./serve_options.ts";
import { ownTerminal } from "./terminal.ts";
import { refuseUpgrades } from "./unit_connection.ts";
import { UsageError } from "./usage_error.ts";
import { RETIRE, SOCKET, type UnitWords } from "./unit_words.ts";

/** Serves as a unit; `words` is what the site said on the command line, as JSON. Never rejects: it ends the unit. */
export async function serveUnit(words: string): Promise<void> {
  const { given, json } = JSON.parse(words) as UnitWords;
  const unit: ServedUnit = {
    name: process.env["SITEBUS_UNIT"] ?? "",
    slot: Number(process.env["SITEBUS_SLOT"]),
    kind: isMainThread ? "process" : "thread",
  };
  try {
    await serveAs(unit, given);
  } catch (error) {
    const code = error instanceof ConfigError ? CONFIG : FAILED;
    const known = error instanceof ConfigError || error instanceof LoadError || error instanceof UsageError;
    const event = error instanceof ConfigError ? "config" : known ? "load" : "crash";
    const message = known ? (error as Error).message : "the command itself has failed";
    say(message, { json, event, code, unit: unit.name, ...!known && { error } });
    process.exit(code);
  }
}

/** The config file is read again, so that a roll brings what is new in it. */
async function serveAs(unit: ServedUnit, given: Partial<ServeValues>): Promise<void> {
  const config = await readConfig(given.config, process.cwd());
  const options = serveOptions(given, { config, env: process.env, folder: process.cwd() });
  const { tls, keepAlive } = options;
  const keyPair = tls && await readCertificate(tls);
  await takeServedRequests({ inUnit: true });
  const application = await loadServed(options, unit);
  refuseUpgrades();
  const bus = new ProcessBus<{ [RETIRE]: [] }>({
    name: "worker",
    platform: unitPlatform(isMainThread ? { uncaught: true } : {}),
    ...limitsOf(options),
  });
  site(bus);
  tellOfLameDuck(bus);
  const http = await useServer(bus, { application, tls: keyPair, keepAlive, server: placeOf(bus, options) });
  printLog(bus, { ...options, http, unit: unit.name, terminal: ownTerminal(), write: writeError });
  await setUp(bus, { application, options, unit });
  await bus.run();
}

/** A health on a port of its own is the site's to tell. */
function placeOf(bus: ProcessBus, { health, host }: ServeOptions): HttpServerOptions {
  const own = health !== undefined && health.port === undefined;
  return { inherit: SOCKET, ...own && { health: { bus, ...pathsOf(health, host) } } };
}

/** While the site is a lame duck, its units still serve, and are not ready. */
function tellOfLameDuck(bus: ProcessBus<{ [RETIRE]: [] }>): void {
  let retires = false;
  bus.subscribe(RETIRE, () => void (retires = true));
  bus.use({
    name: "site",
    check: () => {
      if (retires) throw new Error("The site stops");
    },
  });
}
