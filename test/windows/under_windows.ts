/**
 * Runs programs of `test/programs/` in the Windows builds of the runtimes under Wine. The agent on Windows starts the programs and
 * delivers events to them. Everything has a timeout, and ends with the test file that uses it.
 * @module
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll } from "vitest";
import { patient } from "../../scripts/patience.ts";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import type { Agent, Delivered } from "../programs/windows_agent.ts";
import { startAgent } from "./_agent.ts";
import { makeRun, type ProgramOptions, repositoryOf, wordsOf } from "./_run.ts";
import { commandLineOf } from "./command_line.ts";
import { type ConsoleEvent, consoleEvents } from "./console_events.ts";

/** How a program is started. */
export interface StartOptions extends ProgramOptions {
  /** Variables to add to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The timeout of the program in milliseconds, on a machine as fast as the reference. After it, `exited` rejects. Default 50000. */
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface Exit {
  readonly code: number;
  /** The output of the program, on both streams, in order. */
  readonly lines: readonly string[];
}

/** How an event is delivered, if not as Windows delivers it. */
export interface DeliverOptions {
  /** The id of another process that receives the event. */
  readonly pid?: number;
  /** The longest time to wait, in milliseconds. */
  readonly limitMs?: number;
  /** Whether the process is ended when its handlers have returned, or after the time limit. */
  readonly terminates?: boolean;
}

/** A running program on Windows. */
export interface WindowsProgram {
  readonly pid: number;
  /** The output so far, on both streams. */
  lines(): readonly string[];
  /** Whether the program has ended or timed out. */
  hasEnded(): boolean;
  /** Resolves to the first line that contains `text`, already printed or not; rejects if the program ends without it. */
  waitForLine(text: string): Promise<string>;
  /** Resolves when the program has ended; rejects after its timeout. */
  exited(): Promise<Exit>;
  /** Delivers an event as Windows does. */
  deliver(event: ConsoleEvent, options?: DeliverOptions): Promise<Delivered>;
}

/** The Windows of one test file. */
export interface Windows {
  /** The agent, for what another process does. */
  readonly agent: Agent;
  /** The folder on Linux that is `Z:\run` on Windows. */
  readonly folder: string;
  /** Starts `test/programs/<name>.ts`, or another file by its path from there, with its extension. */
  start(runtime: WindowsRuntime, name: string, options?: StartOptions): Promise<WindowsProgram>;
}

/** A Windows that must be disposed of. */
export interface RunningWindows extends Windows {
  /** Ends every program on this Windows, and removes its files. */
  end(): Promise<void>;
}

/** How long Windows waits for the handlers of an event, in milliseconds. @see https://learn.microsoft.com/windows/console/handlerroutine#timeouts */
const limits: Readonly<Record<ConsoleEvent, number>> = {
  CTRL_C: 1000, // Windows does not wait for the handlers of these two events
  CTRL_BREAK: 1000,
  CTRL_CLOSE: 5000,
  CTRL_LOGOFF: 5000,
  CTRL_SHUTDOWN: 5000,
};

// A message that Bun may print under Wine at any time: "You don't need to do anything".
const noise = /^Internal error: directory mismatch for directory/;

/** Starts a Windows before the first test of a file, and ends it after the last. */
export function useWindows(): Windows {
  let running: RunningWindows | undefined;
  beforeAll(() => {
    running = startWindows();
  });
  afterAll(() => running?.end());
  const found = () => {
    if (running === undefined) throw new Error("Cannot use Windows: it is there while a test runs");
    return running;
  };
  return {
    get agent() {
      return found().agent;
    },
    get folder() {
      return found().folder;
    },
    start: (runtime, name, options) => found().start(runtime, name, options),
  };
}

/** Starts a Windows for a single use. */
export function startWindows(): RunningWindows {
  const run = makeRun();
  const { agent, end } = startAgent(run);
  let outputs = 0;
  return {
    agent,
    folder: run.folder,
    async start(runtime, name, options = {}) {
      const output = `output-${++outputs}.txt`;
      const pid = await agent.start({
        commandLine: commandLineOf(wordsOf(runtime, name, options)),
        cwd: repositoryOf(options),
        env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
        output: `Z:\\run\\${output}`,
      });
      const timeoutMs = patient(options.timeoutMs ?? 50_000);
      return programOf(agent, { runtime, pid, output: join(run.folder, output), timeoutMs });
    },
    async end() {
      await end();
      run.remove();
    },
  };
}

interface Started {
  readonly runtime: WindowsRuntime;
  readonly pid: number;
  readonly output: string;
  readonly timeoutMs: number;
}

function programOf(agent: Agent, { runtime, pid, output, timeoutMs }: Started): WindowsProgram {
  const lines = () =>
    readFileSync(output, "utf8").split(/\r?\n/).filter((line) => line !== "" && !noise.test(line));
  const said = () => `it printed\n${lines().join("\n")}`;
  let over = false;
  const exited = agent.exited({ pid, withinMs: timeoutMs }).finally(() => over = true);
  exited.catch(() => {});
  return {
    pid,
    lines,
    async exited() {
      const code = await exited.catch((cause: unknown) => {
        throw new Error(`${cause}; ${said()}`, { cause });
      });
      return { code, lines: lines() };
    },
    hasEnded: () => over,
    async waitForLine(text) {
      for (;;) {
        // The end is checked first, so that all output before it is complete.
        const last = over;
        const found = lines().find((line) => line.includes(text));
        if (found !== undefined) return found;
        if (last) throw new Error(`The line "${text}" did not come; ${said()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async deliver(event, options = {}) {
      const delivered = await agent.deliver({
        pid: options.pid ?? pid,
        event: consoleEvents[event],
        limitMs: options.limitMs ?? limits[event],
        terminates: options.terminates ?? (event !== "CTRL_C" && event !== "CTRL_BREAK"),
      });
      const log = process.env["SITEBUS_WINDOWS_LOG"];
      if (log !== undefined) appendFileSync(log, `${runtime} ${event}\n`);
      return delivered;
    },
  };
}
