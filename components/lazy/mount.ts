/**
 * Several applications behind one server, each of which is a guest of the bus.
 * @module
 */
import { checkFunction, checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { OwnLog } from "./own_log.ts";
import { type MountedApp, Site } from "./site.ts";
import type { WebApp } from "./web_app.ts";

/** The applications by the paths that they are at. */
export type MountTable<A extends readonly unknown[] = readonly unknown[]> = Readonly<
  Record<string, MountedApp<A>>
>;

const OPTIONS = ["load", "name", "rights", "warm", "idleMs", "within"];

/**
 * Puts several applications behind one server. A request goes to the one with the longest path that its own begins
 * with, as it is; to none, it is answered by 404. An application is made by its first request, or with `warm` when the
 * bus starts: its module is loaded, its factory is called with a guest of the bus, and the components that it uses are
 * started. After `idleMs` without a request the guest is closed, and the next request makes another; its module stays
 * loaded. What cannot be made is answered by 503 for its path alone, is said in the log, and is tried again.
 *
 * @throws {TypeError} If a path, or an option of one, is none.
 * @throws {RangeError} If a time is no number of milliseconds.
 * @throws {Error} If an application that is not warm is mounted where timers and sockets end with their request.
 *
 * @example
 * ```ts
 * import { type Guest, inline, ProcessBus } from "@sitebus/sitebus";
 * import { mount } from "@sitebus/sitebus/lazy";
 *
 * const shop = (guest: Guest) => {
 *   const db = guest.use({ name: "db", start: () => "connection" }); // the component "shop/db"
 *   return () => new Response(`the shop with its ${db.value}`);
 * };
 * const bus = new ProcessBus({ platform: inline() });
 * const app = mount(bus, {
 *   "/shop": { load: async () => ({ default: shop }), rights: ["reload"] }, // or: () => import("./shop.ts")
 * });
 * await bus.start();
 * const answer = await app.fetch(new Request("http://127.0.0.1/shop/"));
 * console.log(await answer.text()); // the shop with its connection
 * await bus.exit();
 * ```
 */
export function mount<A extends readonly unknown[] = readonly unknown[]>(
  bus: ProcessBus,
  apps: MountTable<A>,
): WebApp<A> {
  const log = new OwnLog();
  log.use(bus.log.bind(bus));
  const sites = checkApps(bus, apps).map(({ path, name, app }) => {
    const site = new Site<A>(bus, { ...app, path, name, log });
    const label = { name: `mount ${path}` };
    bus.subscribe("stop", () => site.rest(), label);
    if (app.warm) {
      bus.subscribe("enter", () => site.prepare(), label);
      // Servers start after it.
      bus.use({ ...label, start: (phase) => site.warmUp(phase) });
    }
    return site;
  });
  return {
    fetch(request, ...rest) {
      const { pathname } = new URL((request as { readonly url: string }).url);
      const site = sites.find(({ path }) =>
        path === "/" || pathname === path || pathname.startsWith(`${path}/`)
      );
      return site ? site.answer(request, rest) : new Response("Not Found\n", { status: 404 });
    },
  };
}

/** Whether an application can be at a path: as the paths of requests are told, with a slash, encoded, and without dots. */
export function isMountPath(path: string): boolean {
  return /^\/(?!\/)/.test(path) && new URL(path, "http://localhost").pathname === path && !/.\/$/.test(path);
}

interface Checked<A extends readonly unknown[]> {
  readonly path: string;
  readonly name: string;
  readonly app: MountedApp<A>;
}

/** Refuses bad input, and puts the longest path first. */
function checkApps<A extends readonly unknown[]>(bus: ProcessBus, apps: MountTable<A>): Checked<A>[] {
  if (typeof apps !== "object" || apps === null) {
    throw new TypeError(
      `Cannot mount the applications: they are ${show(apps)}, expected them by their paths`,
    );
  }
  const names = new Map<string, string>();
  const checked = Object.entries(apps).map(([path, app]): Checked<A> => {
    const action = `Cannot mount "${path}"`;
    if (!isMountPath(path)) {
      throw new TypeError(`${action}: it is no path, expected one such as "/shop"`);
    }
    checkKeys(action, app, OPTIONS);
    const {
      load,
      name = path === "/" ? "root" : path.slice(1).replaceAll("/", "-"),
      warm = false,
      idleMs,
      within,
    } = app ?? {};
    checkFunction(action, "load", load);
    checkName(action, name);
    const taken = names.get(name);
    if (taken !== undefined) {
      throw new TypeError(`${action}: "${taken}" has the name "${name}", too, give it another`);
    }
    names.set(name, path);
    for (const [field, ms] of Object.entries({ idleMs, within })) {
      if (ms !== undefined) checkMs(action, field, ms);
    }
    if (typeof warm !== "boolean") {
      throw new TypeError(`${action}: "warm" is ${show(warm)}, expected true or false`);
    }
    if (warm && idleMs !== undefined) {
      throw new TypeError(`${action}: it has both "warm" and "idleMs", expected one of them`);
    }
    const { name: platform, traits: { ioOutsideRequests } } = bus.platform;
    if (!warm && !ioOutsideRequests) {
      const why = `on the ${platform} platform, sockets and timers end with the request that began them`;
      throw new Error(`${action}: ${why}, so that it has to start with the bus: set "warm"`);
    }
    return { path, name, app };
  });
  return checked.sort((one, other) => other.path.length - one.path.length);
}
