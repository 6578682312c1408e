/**
 * One trial of an application, in a process of its own: it is loaded, started, stopped at once and ended. What it took is
 * written to a file, since the outputs belong to the application.
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { setImmediate, setTimeout } from "node:timers";
import { type Component, type ComponentHandle, type LogRecord, ProcessBus } from "../mod.ts";
import { httpServer } from "../components/http.ts";
import { plainFields, thrown } from "../components/log/json_line.ts";
import { lineOf } from "../components/log/place.ts";
import { native } from "../platforms/native.ts";
import { answerBy } from "./answer.ts";
import { LoadError } from "./load_error.ts";
import { makeServer } from "./make_server.ts";
import { loadApplication } from "./module.ts";
import { within } from "./within.ts";

/** A component before its start. */
export interface TrialComponent {
  readonly name: string;
  /** The components that it starts after, or "all". */
  readonly dependsOn: readonly string[] | "all";
}

/** The result of one trial; times in milliseconds. */
export interface TrialResult {
  /** From the start of the process until the application was loaded. */
  readonly bootMs: number;
  /** The import of the module. */
  readonly loadMs: number;
  /** Its `setup`. */
  readonly setupMs: number;
  readonly components: readonly TrialComponent[];
  /** Every record of the log, as plain data. */
  readonly records: readonly TrialRecord[];
  /** The resources that keep the process alive after the stop, such as "Timeout", where the runtime tells. */
  readonly left: readonly string[];
  /** Warnings about what the module exports in vain. */
  readonly ignored: readonly string[];
}

/** A record of the log as plain data. */
export interface TrialRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogRecord["level"];
  readonly message: string;
  readonly event?: string;
  readonly state?: string;
  readonly error?: { readonly message?: string };
  readonly [field: string]: unknown;
}

/** How a trial is run. */
export interface TrialRunOptions {
  /** The module: a path, or a `file:` URL. */
  readonly module: string;
  /** The file to write the result to. */
  readonly into: string;
  /** Milliseconds for the import, for `setup` and for the start of the components, each. */
  readonly startWithin: number;
}

/** How long the runtime may take to close what was closed, in milliseconds. */
const CLOSED_MS = 20;

/** A bus that notes what its components depend on. */
class NotedBus extends ProcessBus {
  readonly noted: TrialComponent[] = [];

  override use<T = void>(
    given: Component<T> | Disposable | AsyncDisposable,
    options?: { readonly name?: string },
  ): ComponentHandle<T> {
    const handle = super.use<T>(given, options);
    const { dependsOn = [] } = given as Component<T>;
    this.noted.push({ name: handle.name, dependsOn });
    return handle;
  }
}

/**
 * Runs the trial, and resolves when the bus has left the process.
 * @throws {LoadError} If the application cannot be used.
 */
export async function trialRun({ module, into, startWithin: ms }: TrialRunOptions): Promise<void> {
  const bootMs = performance.now();
  const before = resources();
  const application = await within(() => loadApplication<ProcessBus>(module), {
    ...{ ms, action: `load "${module}"`, subject: "its import", json: false },
  });
  const loadMs = performance.now() - bootMs;
  const bus = new NotedBus({
    name: "sitebus",
    platform: native({ uncaught: true }),
    deadlines: { start: ms },
  });
  const records: TrialRecord[] = [];
  const left: string[] = [];
  let setupMs = 0;
  const write = () => {
    const { noted: components } = bus;
    const { ignored } = application;
    const result: TrialResult = { bootMs, loadMs, setupMs, components, records, left, ignored };
    writeFileSync(into, JSON.stringify(result));
  };
  bus.subscribe("log", (record) => {
    const { error, ...rest } = record;
    const failure = error === undefined ? {} : { error: thrown(error) };
    records.push({ ...plainFields(rest), ...failure } as TrialRecord);
    if (record.event === "exit") write();
  });
  const answer = answerBy(application.serve, () => {});
  const server = await makeServer({ answer, keepAlive: 1_000 });
  bus.use(httpServer(server, { host: "127.0.0.1", port: 0 }));
  // After all listeners of the application, so that their clean-up is done.
  bus.subscribe("exit", async () => {
    // The handle of a server is closed after its "close" event; and a timer counts until its callback has returned.
    await new Promise((resolve) => setTimeout(() => setImmediate(resolve), CLOSED_MS));
    left.push(...addedSince(before));
  }, { priority: Infinity, name: "trial" });
  const { setup } = application;
  if (setup) {
    const begun = performance.now();
    await within(async () => {
      try {
        await setup(bus);
      } catch (error) {
        throw new LoadError(`Cannot set up "${module}": ${lineOf(error)}`, { cause: error });
      }
    }, { ms, action: `set up "${module}"`, subject: "its setup", json: false });
    setupMs = performance.now() - begun;
  }
  bus.wait("run").then(() => bus.exit()).catch(() => {
    // The start has failed: the records say so.
  });
  await bus.run();
}

/** The resources that keep this process alive, where the runtime tells. */
function resources(): readonly string[] {
  const { getActiveResourcesInfo } = process as { getActiveResourcesInfo?: () => string[] };
  try {
    return getActiveResourcesInfo?.() ?? [];
  } catch {
    return []; // Deno has the function, and may not implement it.
  }
}

/** The resources beyond those that were there before, and beyond the two timers of the bus's own deadlines. */
function addedSince(before: readonly string[]): readonly string[] {
  const rest = [...before, "Timeout", "Timeout"];
  return resources().filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0 && !HARMLESS.test(name);
  });
}

// The outputs, and what the bus itself uses until its end.
const HARMLESS = /^(TTYWrap|PipeWrap|SignalWrap|FSReqPromise|FSReqCallback|CloseReq|Immediate|Microtask)$/;
