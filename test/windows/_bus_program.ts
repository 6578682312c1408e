/**
 * Starts the program `windows_bus.ts`, and reads its output.
 * @module
 */
import type { WindowsOptions } from "../../platforms/windows.ts";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import type { StartOptions, Windows, WindowsProgram } from "./under_windows.ts";

/** The options of the program. */
export interface BusOptions extends StartOptions {
  /** The options of `windows()`. */
  readonly options?: WindowsOptions;
  /** The program's own options. */
  readonly own?: Readonly<Record<string, unknown>>;
  /** The line that the program prints when it is ready. */
  readonly until?: string;
}

/** The options with which a runtime can call Windows. Deno and Bun need none. */
export function withCalls(runtime: WindowsRuntime): Pick<StartOptions, "koffi"> {
  return runtime.startsWith("node") ? { koffi: "installed" } : {};
}

/** Starts the program, and waits until its bus runs. */
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

/** The expected lines from the drain on, if nothing fails. */
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
 * Returns the lines since the bus last ran: each state when it is entered and settled, and other output, without the log of the
 * bus.
 */
export function afterRun(lines: readonly string[]): string[] {
  return lines.slice(lines.lastIndexOf("state run") + 1).filter((line) => !expected.test(line));
}

const expected = /^(signal|log|ready|reloaded) /;

/** Returns the reasons that were published on `signal`. */
export function signalsOf(lines: readonly string[]): object[] {
  return lines.filter((line) => line.startsWith("signal ")).map((line) =>
    JSON.parse(line.slice(7)) as object
  );
}

/** Returns the warnings and errors in the log. */
export function logOf(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith("log ")).map((line) => line.slice(4));
}
