/**
 * Programs of `test/programs/` on Windows: in its own builds of the runtimes, under Wine, started and hit by the
 * agent there. Everything has a limit, and ends with the test file that uses it.
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
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds that it may run, on a machine as fast as the reference; then `exited` rejects. Default 50000. */
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface Exit {
  readonly code: number;
  /** All it printed, on both outputs, in order. */
  readonly lines: readonly string[];
}

/** How an event is delivered, where not as Windows does. */
export interface DeliverOptions {
  /** Another process to hit. */
  readonly pid?: number;
  /** Milliseconds that are waited at most. */
  readonly limitMs?: number;
  /** Whether the process is ended when its listeners have returned, or are late. */
  readonly terminates?: boolean;
}

/** A program that runs on Windows. */
export interface WindowsProgram {
  readonly pid: number;
  /** What it printed so far, on both outputs. */
  lines(): readonly string[];
  /** Whether it has ended, or runs longer than it may. */
  hasEnded(): boolean;
  /** Resolves to the first line that contains `text`, printed already or yet to come; rejects where it ends without. */
  waitForLine(text: string): Promise<string>;
  /** Resolves when it has ended; rejects where it runs longer than it may. */
  exited(): Promise<Exit>;
  /** Delivers an event as Windows does. */
  deliver(event: ConsoleEvent, options?: DeliverOptions): Promise<Delivered>;
}

/** Windows, as one test file has it. */
export interface Windows {
  /** What another process does. */
  readonly agent: Agent;
  /** What Windows calls `Z:\run`, on Linux. */
  readonly folder: string;
  /** Starts `test/programs/<name>.ts`, or another file by its path from there, with its extension. */
  start(runtime: WindowsRuntime, name: string, options?: StartOptions): Promise<WindowsProgram>;
}

/** Windows, while somebody has it. */
export interface RunningWindows extends Windows {
  /** Ends every program on it, and takes its files away. */
  end(): Promise<void>;
}

/** How long Windows waits for the listeners of an event, in milliseconds. @see https://learn.microsoft.com/windows/console/handlerroutine#timeouts */
const limits: Readonly<Record<ConsoleEvent, number>> = {
  CTRL_C: 1000, // it does not wait for these two; nor do we
  CTRL_BREAK: 1000,
  CTRL_CLOSE: 5000,
  CTRL_LOGOFF: 5000,
  CTRL_SHUTDOWN: 5000,
};

// What Bun says of folders under Wine, at any time: "You don't need to do anything".
const noise = /^Internal error: directory mismatch for directory/;

/** Gives the tests of a file their Windows, from before the first until after the last of them. */
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

/** Starts a Windows of one's own. */
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
        // Asking for its end first: what it printed before that is then there.
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
