/**
 * The program `windows_bus.ts`, started and understood.
 * @module
 */
import type { WindowsOptions } from "../../platforms/windows.ts";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import type { StartOptions, Windows, WindowsProgram } from "./under_windows.ts";

/** What is set of it. */
export interface BusOptions extends StartOptions {
  /** Of `windows()`. */
  readonly options?: WindowsOptions;
  /** Of the program. */
  readonly own?: Readonly<Record<string, unknown>>;
  /** The line that says that it is ready. */
  readonly until?: string;
}

/** What lets a runtime call Windows. Deno and Bun bring it along. */
export function withCalls(runtime: WindowsRuntime): Pick<StartOptions, "koffi"> {
  return runtime.startsWith("node") ? { koffi: "installed" } : {};
}

/** Starts the bus that prints what happens to it, and waits until it runs. */
export async function startBus(
  windows: Windows,
  runtime: WindowsRuntime,
  { own = {}, options = {}, until = "ready", ...rest }: BusOptions = {},
): Promise<WindowsProgram> {
  const args = [JSON.stringify(options), JSON.stringify(own)];
  const program = await windows.start(runtime, "windows_bus", { args, ...rest });
  await program.waitForLine(until);
  return program;
}

/** Everything from the drain on, when nothing goes wrong. */
export const stopped: readonly string[] = [
  "state drain",
  "state stop",
  "cleaned up",
  "state idle",
  "state exit",
  "state exited",
  "code 0",
  "process exits 0",
];

/**
 * Every state that was entered since the bus last ran, what became of it, and whatever else was printed that is not
 * the bus's own.
 */
export function afterRun(lines: readonly string[]): string[] {
  return lines.slice(lines.lastIndexOf("state run") + 1).filter((line) => !expected.test(line));
}

const expected = /^(signal|log|ready|reloaded) /;

/** The reasons that were published on `signal`. */
export function signalsOf(lines: readonly string[]): object[] {
  return lines.filter((line) => line.startsWith("signal ")).map((line) =>
    JSON.parse(line.slice(7)) as object
  );
}

/** The warnings and errors of the log. */
export function logOf(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith("log ")).map((line) => line.slice(4));
}
