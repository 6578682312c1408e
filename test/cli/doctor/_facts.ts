/**
 * What checks of `sitebus doctor` look at, in tests.
 * @module
 */
import type { Facts } from "../../../cli/doctor/finding.ts";
import { serveOptions } from "../../../cli/serve_options.ts";
import type { ServeValues } from "../../../cli/options.ts";

/** Facts of a process of Node on a machine without anything special. */
export function factsOf(given: Partial<ServeValues> = {}, others: Partial<Facts> = {}): Facts {
  const options = serveOptions({ module: "app.js", ...given }, {});
  const facts = { options, env: {}, folder: "/srv/app", runtime: "node", version: "26.1.0", pid: 7 } as const;
  return { ...facts, container: false, ...others };
}
