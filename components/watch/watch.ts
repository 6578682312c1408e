/**
 * The component that watches what an application has loaded.
 * @module
 */
import type { Bus } from "../../src/bus.ts";
import { checkKeys, checkMs, checkName } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { LoadedFile, Unit, UnitChannels } from "../units.ts";
import { Changes } from "./changes.ts";
import { followLoaded } from "./loaded_here.ts";

/** Files that have changed since they were loaded. */
export interface Change {
  /** Their absolute paths. */
  readonly files: readonly string[];
}

/** The channel on which changes are published. */
export interface WatchChannels {
  /** Files have changed since they were loaded. */
  change: [change: Change];
}

/** The part of a bus that `watch` needs: a `ProcessBus` of any channels has it. */
export type WatchBus = Pick<ProcessBus, "log" | "restart" | "hold">;

/** The pool that is rolled: the handle of a `pool` of sitebus/units. */
export interface RollingPool {
  /** The name of its component. */
  readonly name: string;
  /** The pool, once it is up. */
  readonly value: { roll(): Promise<void> };
}

/** The options of `watch`. */
export interface WatchOptions {
  /** The pool whose units tell what they load. Default: the files that this process loads. */
  readonly pool?: RollingPool;
  /** Milliseconds in which nothing happens before files are looked at, so that many saves are one change. Default 50. */
  readonly settleMs?: number;
  /** The name of the component. Default "watch". */
  readonly name?: string;
}

/** A watch: the value of its component. */
export interface Watch {
  /** The absolute paths of the files that are watched. */
  readonly files: readonly string[];
}

/** The component, and its default listener. */
export interface WatchComponent extends Component<Watch> {
  /** The default listener of `change`, which can be unsubscribed: it rolls the pool, or restarts the bus without one. */
  readonly onChange: (change: Change) => Promise<void>;
}

const ACTION = "Cannot watch";

/**
 * Makes a component that publishes `change` when a file that was loaded, or was looked for in vain, is not what it was. The
 * default listener rolls the pool: the new process is ready before the old one is asked to exit, and where it does not become
 * ready the old one stays. Without a pool it restarts the bus. Unsubscribe it and subscribe another to do something else:
 *
 * ```ts ignore
 * const watching = watch(bus, { pool: web });
 * bus.use(watching);
 * bus.unsubscribe("change", watching.onChange);
 * bus.subscribe("change", ({ files }) => console.log(files));
 * ```
 *
 * It is to be made before the bus starts. What is in a node_modules folder is not watched.
 *
 * @throws {TypeError} Where an option is unknown or of a wrong type.
 * @throws {RangeError} Where `settleMs` is out of range.
 *
 * @example
 * ```ts ignore
 * const web = bus.use(pool(bus, { name: "web", kind: "process", count: 1, entry, listen: { web: { port: 8080 } } }));
 * bus.use(watch(bus, { pool: web }));
 * ```
 */
export function watch(bus: WatchBus, options: WatchOptions = {}): WatchComponent {
  checkKeys(ACTION, options, ["pool", "settleMs", "name"]);
  const { pool } = options;
  const name = checkName(ACTION, options.name ?? "watch");
  const settleMs = checkMs(ACTION, "settleMs", options.settleMs ?? 50);
  const own = bus as unknown as Bus<WatchChannels & UnitChannels>;
  let saidFailed = false;
  const changes = new Changes({
    settleMs,
    async changed(files) {
      bus.log(`Changed: ${shown(files)}`, { level: "info", event: "change", files });
      // The bus logs what fails.
      await own.publish("change", { files });
    },
    failed(folder, error) {
      if (saidFailed) return;
      saidFailed = true;
      const message = `Cannot watch the folder "${folder}", changes in it are not seen: ${textOf(error)}`;
      bus.log(message, { level: "warn", event: "watch" });
    },
  });
  if (pool === undefined) followLoaded((file) => changes.add(file));
  else followUnits(own, changes);
  const onChange = async () => {
    // Not awaited without a pool: the restart waits for this listener.
    if (pool === undefined) return void bus.restart().catch(() => {});
    // The pool logs why a roll fails.
    await pool.value.roll().catch(() => {});
  };
  own.subscribe("change", onChange, { name });
  const component: Component<Watch> = {
    name,
    ...(pool !== undefined && { dependsOn: [pool.name] }),
    start() {
      changes.open();
      return {
        get files() {
          return changes.files;
        },
      };
    },
    drain: () => changes.close(),
    stop: () => changes.close(),
  };
  // A bus refuses components with members that it does not know.
  return Object.defineProperty(component, "onChange", { value: onChange }) as WatchComponent;
}

/** Watches what the units that live have loaded, and what the last one that failed had. */
function followUnits(bus: Bus<UnitChannels>, changes: Changes): void {
  const byUnit = new Map<Unit, Set<string>>();
  let failed: ReadonlySet<string> = new Set();
  const keep = () => changes.keep(new Set([failed, ...byUnit.values()].flatMap((paths) => [...paths])));
  bus.subscribe("unit:loaded", (unit: Unit, files: readonly LoadedFile[]) => {
    const known = byUnit.get(unit);
    const paths = known ?? new Set<string>();
    if (known === undefined) {
      byUnit.set(unit, paths);
      let wasReady = false;
      unit.ready.then(() => {
        wasReady = true;
        failed = new Set();
      }, () => {});
      void unit.ended.then(() => {
        byUnit.delete(unit);
        if (!wasReady) failed = paths;
        keep();
      });
    }
    for (const file of files) {
      paths.add(file.path);
      changes.add(file);
    }
  }, { name: "watch" });
}

function shown([first = "", ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
