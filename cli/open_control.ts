/**
 * The control socket and the status page of a served application.
 * @module
 */
import process from "node:process";
import type { ProcessBus } from "../mod.ts";
import type { ServerHandle } from "../components/log.ts";
import { ConfigError } from "./config_error.ts";
import { processName } from "./process_name.ts";
import type { ServeOptions } from "./serve_options.ts";
import { VERSION } from "./version.ts";

/** The variable that holds the token of the status page. */
const TOKEN = "SITEBUS_STATUS_TOKEN";

/**
 * Opens control with the bus, unless it is turned off.
 * @throws {ConfigError} If the token in the environment cannot be used.
 */
export async function openControl(
  bus: ProcessBus,
  { control: isOn, module, apps, name: given, statusPort: port }: ServeOptions,
  servers: readonly ServerHandle[] = [],
): Promise<void> {
  if (isOn === false) return;
  // Several modules have the name of the directory that they are served from.
  const name = given ?? processName(apps === undefined ? module : "app");
  const { control } = await import("../components/control.ts");
  const { isToken } = await import("../components/control/access.ts");
  const token = process.env[TOKEN] || undefined;
  const page = port === undefined ? undefined : { port, ...token !== undefined && { token } };
  // The message does not have the token.
  if (page && token !== undefined && !isToken(token)) {
    throw new ConfigError(`Cannot use ${TOKEN} of the environment: expected 16 characters or more, no space`);
  }
  control(bus, { name, version: VERSION, servers, ...page && { page } });
}
