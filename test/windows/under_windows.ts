/**
 * Programs of `test/programs/` on Windows: in its own builds of the runtimes, under Wine, started and hit by the
 * agent there. Everything has a limit, and ends with the test file that uses it.
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { root } from "../../scripts/_tools.ts";
import { executableOf, type WindowsRuntime } from "../../scripts/windows/builds.ts";
import { windowsPlaces } from "../../scripts/windows/setup.ts";
import { underWine } from "../../scripts/windows/under_wine.ts";
import type { Agent, Delivered } from "../programs/windows_agent.ts";
import { commandLineOf } from "./command_line.ts";
import { type ConsoleEvent, consoleEvents } from "./console_events.ts";

/** How a program is started. */
export interface StartOptions {
  /** The program's arguments. */
  readonly args?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The runtime's own flags. */
  readonly flags?: readonly string[];
  /** What Deno grants. Default all. */
  readonly denoPermissions?: readonly string[];
  /** Whether koffi is there, or there without its part for Windows. Default not. */
  readonly koffi?: "installed" | "wrong";
  /** Milliseconds until `exited` rejects. Default 10000. */
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface Exit {
  readonly code: number;
  /** All it printed, on both outputs, in order. */
  readonly lines: readonly string[];
}

/** A program that runs on Windows. */
export interface WindowsProgram {
  readonly pid: number;
  /** What it printed so far, on both outputs. */
  lines(): readonly string[];
  /** Resolves to the first line that contains `text`; rejects where it does not come within 10 s. */
  waitForLine(text: string): Promise<string>;
  /** Resolves when it has ended; rejects where that takes longer than allowed. */
  exited(): Promise<Exit>;
  /** Delivers an event as Windows does. */
  deliver(event: ConsoleEvent, options?: DeliverOptions): Promise<Delivered>;
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

/** Windows, as one test file has it. */
export interface Windows {
  /** What another process does. */
  readonly agent: Agent;
  /** Starts `test/programs/<name>.ts`. */
  start(runtime: WindowsRuntime, name: string, options?: StartOptions): Promise<WindowsProgram>;
}

/** How long Windows waits for the listeners of an event, in milliseconds. @see https://learn.microsoft.com/windows/console/handlerroutine#timeouts */
const limits: Readonly<Record<ConsoleEvent, number>> = {
  CTRL_C: 1000, // it does not wait for these two; nor do we
  CTRL_BREAK: 1000,
  CTRL_CLOSE: 5000,
  CTRL_LOGOFF: 5000,
  CTRL_SHUTDOWN: 5000,
};

const lineMs = 10_000;

const repositories = { missing: "Z:\\w", installed: "Z:\\koffi\\w", wrong: "Z:\\wrong\\w" } as const;

/** Gives the tests of a file their Windows, from before the first until after the last of them. */
export function useWindows(): Windows {
  let running: Running | undefined;
  beforeAll(async () => {
    running = await startWindows();
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
    start: (runtime, name, options) => found().start(runtime, name, options),
  };
}

interface Running extends Windows {
  end(): Promise<void>;
}

async function startWindows(): Promise<Running> {
  const folder = makeRun();
  const run = join(folder, "run");
  const { wine, koffi } = windowsPlaces;
  const [file, ...args] = underWine({
    wine,
    prefix: join(folder, "prefix"),
    repository: root,
    koffi: join(koffi, "node_modules"),
    run,
  });
  const child = spawn(file, [...args, ...wordsOf("deno", "windows_agent", {})], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const over = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, ...answer } = JSON.parse(line) as { id: number; value?: unknown; error?: string };
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  void over.then(() => waiting.forEach((take) => take({ error: "the agent on Windows has ended" })));
  let ids = 0;
  const ask = (name: string, value: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++ids;
      waiting.set(id, ({ value, error }) => {
        if (error === undefined) resolve(value);
        else reject(new Error(`Cannot ${name} ${JSON.stringify(value)}: ${error}`));
      });
      child.stdin.write(`${JSON.stringify({ id, name, value })}\n`);
    });
  const agent = new Proxy({}, {
    get: (_, name: string) => (value: unknown) => ask(name, value),
  }) as Agent;
  let outputs = 0;
  return {
    agent,
    async start(runtime, name, options = {}) {
      const output = `output-${++outputs}.txt`;
      const pid = await agent.start({
        commandLine: commandLineOf(wordsOf(runtime, name, options)),
        cwd: repositories[options.koffi ?? "missing"],
        env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
        output: `Z:\\run\\${output}`,
      });
      return programOf(agent, {
        runtime,
        pid,
        output: join(run, output),
        timeoutMs: options.timeoutMs ?? 10_000,
      });
    },
    async end() {
      child.stdin.end();
      const limit = setTimeout(() => child.kill("SIGKILL"), 5000);
      await over;
      clearTimeout(limit);
      rmSync(folder, { recursive: true, maxRetries: 3 });
    },
  };
}

/** The words that run a program in a runtime, from the repository as the wanted kind of koffi has it beside it. */
function wordsOf(runtime: WindowsRuntime, name: string, options: StartOptions): string[] {
  const { args = [], flags = [], denoPermissions = ["-A"], koffi = "missing" } = options;
  const repository = repositories[koffi];
  const executable = `Z:\\w\\.cache\\windows\\builds\\${executableOf(runtime).replaceAll("/", "\\")}`;
  const file = `${repository}\\test\\programs\\${name.replaceAll("/", "\\")}.ts`;
  const deno = runtime === "deno" ? ["run", "--quiet", "--no-prompt", ...denoPermissions] : [];
  return [executable, ...deno, ...flags, file, ...args];
}

/** A folder of this run, with a C: and a registry of its own. */
function makeRun(): string {
  mkdirSync(windowsPlaces.runs, { recursive: true });
  const folder = mkdtempSync(join(windowsPlaces.runs, "run-"));
  const [from, to] = [join(windowsPlaces.wine, "prefix"), join(folder, "prefix")];
  for (const name of ["run", "prefix"]) mkdirSync(join(folder, name));
  // The files of C: are not written to, but the registry's are, in place.
  execFileSync("cp", ["-al", join(from, "drive_c"), to]);
  const rest = ["dosdevices", "system.reg", "user.reg", "userdef.reg", ".update-timestamp"];
  execFileSync("cp", ["-a", ...rest.map((name) => join(from, name)), to]);
  return folder;
}

interface Started {
  readonly runtime: WindowsRuntime;
  readonly pid: number;
  readonly output: string;
  readonly timeoutMs: number;
}

function programOf(agent: Agent, { runtime, pid, output, timeoutMs }: Started): WindowsProgram {
  const lines = () => readFileSync(output, "utf8").split(/\r?\n/).filter((line) => line !== "");
  onTestFinished(async () => await agent.terminate({ pid }));
  return {
    pid,
    lines,
    async exited() {
      const code = await agent.exited({ pid, withinMs: timeoutMs }).catch((cause: unknown) => {
        throw new Error(`${cause}; it printed\n${lines().join("\n")}`, { cause });
      });
      return { code, lines: lines() };
    },
    async waitForLine(text) {
      // Asking for its end first: what it printed before that is then there.
      for (const until = performance.now() + lineMs;;) {
        const over = await agent.hasEnded({ pid }) || performance.now() > until;
        const found = lines().find((line) => line.includes(text));
        if (found !== undefined) return found;
        if (over) {
          throw new Error(`The line "${text}" did not come; the program printed\n${lines().join("\n")}`);
        }
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
