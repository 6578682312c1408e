/**
 * One program of any kind as a component: started, replaced where it fails, and stopped by its signals.
 * @module
 */
import { constants } from "node:os";
import process from "node:process";
import { checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { FAILED, SIGNALED } from "../../src/exit_codes.ts";
import type { Phase } from "../../src/phase.ts";
import { commandCarrier } from "./command_carrier.ts";
import { Crew } from "./crew.ts";
import { SOCKET_VARIABLES } from "../../platforms/process/given_sockets.ts";
import type { Member } from "./member.ts";
import { checkCount } from "./pool_options.ts";
import { type SiteBus, siteOf } from "./site.ts";
import type { Unit, UnitEnd } from "./unit.ts";
import { pause } from "./waiting.ts";

/** How a program is supervised. */
export interface ProgramOptions {
  /** The name of the component. Its unit is called "name/1". */
  readonly name: string;
  /** The program and its arguments: `["redis-server", "--port", "0"]`. It is found by PATH, and no shell reads it. */
  readonly command: readonly string[];
  /** Variables that are added to the environment; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that it has to stay up before it counts as ready. Default 1000. */
  readonly steadyMs?: number;
  /** Milliseconds from SIGTERM to SIGKILL. Default 10 000. */
  readonly stopWithin?: number;
  /** More than so many replacements in the window make it degraded. Default 5. */
  readonly maxRestarts?: number;
  /** The window, in milliseconds. Default 60 000. */
  readonly restartWindowMs?: number;
  /** The behaviour when degraded: it is started every 10 s, or the bus exits with the program's exit code. Default "continue". */
  readonly onDegraded?: "continue" | "exit";
  /** Takes what it prints, on both outputs. Default: it prints where this process does. */
  readonly output?: (chunk: Uint8Array) => void;
}

/** A program that is supervised: the value of its component. */
export interface Program {
  /** The unit that is the program; two for a moment, where one is at its end. */
  units(): readonly Unit[];
  /** Whether it ends more often than `maxRestarts` allows. */
  readonly degraded: boolean;
}

const KEYS: readonly (keyof ProgramOptions)[] = [
  "name",
  "command",
  "env",
  "steadyMs",
  "stopWithin",
  "maxRestarts",
  "restartWindowMs",
  "onDegraded",
  "output",
];

/** Time of a phase beyond that of the program, in milliseconds: its end by force has to be told, too. */
const SPARE_MS = 2000;

/** The exit codes of a shell for a command that is not there, and for one that may not be run. */
const NOT_FOUND = 127, NOT_ALLOWED = 126;

/**
 * Makes a component of any program. It is up when the program has stayed up for `steadyMs`. Its stop sends SIGTERM, and ends the
 * program with all that it has started by SIGKILL where it takes too long; a reload sends SIGHUP. A program that ends unasked is
 * started again, soon at first and then ever more slowly. One that ends with 0 has done its work, and the bus exits with 0.
 *
 * The exit code of the bus is that of the program, where that is not 0: of its first start, or of its end. A program that ends
 * by the SIGTERM that it was sent counts as ended with 0.
 *
 * @throws {TypeError} Where an option is missing, unknown or of a wrong type.
 * @throws {RangeError} Where a number is out of range.
 *
 * @example
 * ```ts ignore
 * bus.use(program(bus, { name: "cache", command: ["redis-server", "--port", "6380"] }));
 * ```
 */
export function program(bus: SiteBus, options: ProgramOptions): Component<Program> {
  const settings = checkProgram(options);
  const { name, onDegraded, stopWithin } = settings;
  let run: ProgramRun | undefined;
  return {
    name,
    startWithin: settings.steadyMs + 30_000,
    stopWithin: stopWithin + SPARE_MS,
    start: async (phase): Promise<Program> => {
      run = new ProgramRun(bus, settings);
      await run.start(phase);
      const { crew } = run;
      return {
        units: () => crew.units,
        get degraded() {
          return crew.isDegraded;
        },
      };
    },
    ...(onDegraded === "exit" && { run: (_: Program, signal: AbortSignal) => run!.work(signal) }),
    check: () => run!.check(),
    reload: () => ({ commit: () => run!.reload() }),
    stop: (_, phase) => run!.stop(phase),
  };
}

type ProgramSettings = ReturnType<typeof checkProgram>;

/** One life of the component. */
class ProgramRun {
  readonly crew: Crew;
  readonly #bus: SiteBus;
  readonly #settings: ProgramSettings;
  /** How the last one ended. */
  #code = 0;
  /** Whether it ended with 0, unasked: its work is done. */
  #isDone = false;

  constructor(bus: SiteBus, settings: ProgramSettings) {
    const { name, command, steadyMs, output, stopWithin, env, maxRestarts, restartWindowMs } = settings;
    const [entry = "", ...args] = command;
    const site = siteOf(bus);
    this.#bus = bus;
    this.#settings = settings;
    this.crew = new Crew({
      clock: bus.platform.clock,
      log: (message, details) => bus.log(message, { pool: name, ...details }),
      nextId: () => site.table.nextId(),
      welcome: () => ({ path: "", details: undefined, generation: 0 }),
      settle: () => undefined,
      joined: (member) => this.#joined(member, site.table),
      heard: () => {},
    }, {
      name,
      carrier: commandCarrier({ steadyMs, output }),
      plan: () => ({ entry, args, env: environment(env) }),
      readyWithin: steadyMs + 30_000,
      steadyMs: 0,
      endWithin: stopWithin,
      maxRestarts,
      restartWindowMs,
      failsUpward: settings.onDegraded === "exit",
      atOnce: 1,
    });
  }

  #joined(member: Member, table: { add(unit: Unit): void }): void {
    table.add(member.unit);
    void member.unit.ended.then((end) => {
      this.#code = codeOf(end, member.error);
      if (end.why !== "failed" || end.code !== 0) return;
      // Told before the crew, which would start the next one.
      this.#isDone = true;
      this.crew.close(0);
      this.#bus.log(`Program "${this.#settings.name}" has ended with 0, its work is done`, {
        level: "info",
        event: "program done",
      });
      this.#exit(0);
    });
  }

  #exit(code: number): void {
    this.#bus.exit(code).catch(() => {});
  }

  async start(phase: Phase): Promise<void> {
    try {
      await this.crew.start(1, phase);
    } catch (error) {
      if (this.#isDone) return;
      if (!phase.signal.aborted) phase.request("exit", { code: this.#code || FAILED });
      throw error;
    }
  }

  /** Settles when it is given up. */
  async work(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    try {
      await Promise.race([this.crew.failed, over]);
    } catch (error) {
      this.#exit(this.#code || FAILED);
      throw error;
    }
  }

  check(): void {
    if (this.crew.serving.length === 0) throw new Error(`The program "${this.#settings.name}" does not run`);
  }

  reload(): void {
    for (const member of this.crew.serving) member.send({ sitebus: "reload" });
  }

  async stop(phase: Phase): Promise<void> {
    const { stopWithin, name } = this.#settings;
    this.crew.close(stopWithin);
    const { clock } = this.#bus.platform;
    await pause(clock, Math.min(stopWithin, phase.left()), {
      until: this.crew.allGone(),
      signal: phase.signal,
    });
    if (this.crew.killAll().length > 0) {
      phase.log(`Program "${name}" is ended by force: it did not exit within ${stopWithin} ms`, {
        level: "warn",
        event: "unit killed",
      });
    }
    await this.crew.allGone();
    if (this.#code !== 0) phase.request("exit", { code: this.#code });
  }
}

/** The exit code that stands for the end of a program, as a shell has it. */
function codeOf({ why, code, signal }: UnitEnd, error: unknown): number {
  if (code !== undefined) return code;
  if (why === "asked" && signal === "SIGTERM") return 0;
  if (signal !== undefined) return SIGNALED + (constants.signals[signal as never] ?? 0);
  const { code: reason } = Object(error) as { code?: unknown };
  return reason === "ENOENT" ? NOT_FOUND : reason === "EACCES" ? NOT_ALLOWED : FAILED;
}

/** The environment of the program: that of this process, without what is meant for this process alone. */
function environment(env: ProgramOptions["env"]): Record<string, string> {
  const all = { ...process.env, ...env };
  const own = new Set([...SOCKET_VARIABLES, "SITEBUS_UNIT", "SITEBUS_SLOT"]);
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] =>
      entry[1] !== undefined && !own.has(entry[0])
    ),
  );
}

function checkProgram(options: ProgramOptions) {
  const name = checkName(
    "Cannot supervise a program",
    (options as Partial<ProgramOptions> | undefined)?.name,
  );
  const action = `Cannot supervise the program "${name}"`;
  checkKeys(action, options, KEYS);
  const { command, env = {}, onDegraded = "continue", maxRestarts = 5, output } = options;
  const isText = (word: unknown) => typeof word === "string";
  if (!Array.isArray(command) || !command.every(isText) || !command[0]) {
    throw new TypeError(`${action}: "command" is ${show(command)}, expected a program and its arguments`);
  }
  if (onDegraded !== "continue" && onDegraded !== "exit") {
    throw new TypeError(`${action}: "onDegraded" is ${show(onDegraded)}, expected "continue" or "exit"`);
  }
  if (output !== undefined && typeof output !== "function") {
    throw new TypeError(`${action}: "output" is ${show(output)}, expected a function`);
  }
  return {
    name,
    command: [...command] as readonly string[],
    env,
    output,
    onDegraded,
    steadyMs: checkMs(action, "steadyMs", options.steadyMs ?? 1000),
    stopWithin: checkMs(action, "stopWithin", options.stopWithin ?? 10_000),
    restartWindowMs: checkMs(action, "restartWindowMs", options.restartWindowMs ?? 60_000),
    maxRestarts: checkCount(action, maxRestarts, { field: "maxRestarts", least: 0 }),
  };
}
