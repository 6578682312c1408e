/**
 * Nitro under the bus: the entry of its build, see nitro.config.js. Copy the folder of examples/nitro/serve.js, then there:
 * `npm install && npm install sitebus && npx nitro build && npx sitebus serve .output/server/index.mjs`
 * @module
 */
import { useNitroApp } from "nitro/runtime";
import { db } from "./db.js";

const nitro = useNitroApp();

/** Called before anything starts: what is used here is up before the server is, and stops after it. */
export function setup(bus) {
  bus.use({ name: "db", start: () => db.open(), stop: () => db.close() });
  // Nobody else calls it: this preset has no server that would. Plug-ins run once, when the build is loaded, so that what
  // they end here does not come back after `graceful`.
  bus.use({ name: "nitro", dependsOn: ["db"], stop: () => nitro.hooks.callHook("close") });
}

export default { fetch: nitro.fetch };
