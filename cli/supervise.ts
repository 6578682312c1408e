/**
 * `sitebus supervise`: any program, kept running.
 * @module
 */
import { basename } from "node:path";
import process from "node:process";
import { ProcessBus, TransitionError } from "../mod.ts";
import { control } from "../components/control.ts";
import { jsonLine, logTo, textLine } from "../components/log.ts";
import { pidFile } from "../components/os.ts";
import { program } from "../components/units/program.ts";
import { native } from "../platforms/native.ts";
import { startDaemon } from "./daemon.ts";
import { type Output, outputOf } from "./output.ts";
import { ownTerminal } from "./terminal.ts";
import { styled } from "./_ansi.ts";
import { VERSION } from "./version.ts";

/** The options of the command line; times in milliseconds. */
export interface SuperviseOptions {
  readonly name?: string;
  readonly daemon?: boolean;
  readonly logFile?: string;
  readonly pidFile?: string;
  readonly steady: number;
  readonly stopWithin: number;
  readonly giveUp?: boolean;
  /** False where no control socket is opened. */
  readonly control?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Time beyond that of the program, until the command that waits for a daemon gives up, in milliseconds. */
const SPARE_MS = 60_000;

/**
 * Supervises a program until a signal, and resolves when the bus has left the process; `words` are the arguments of `sitebus`.
 * @throws {ConfigError} If the log file cannot be opened.
 */
export async function supervise(
  command: readonly string[],
  options: SuperviseOptions,
  words: readonly string[],
): Promise<void> {
  const { daemon = false, quiet = false, json = false, steady, stopWithin, giveUp = false } = options;
  const name = options.name ?? basename(command[0] ?? "");
  const output = outputOf({ logFile: options.logFile, daemon });
  if (daemon && output.link === undefined) {
    const { logFile } = output;
    return await startDaemon({ name, words, logFile, quiet, json, withinMs: steady + stopWithin + SPARE_MS });
  }
  const bus = new SupervisingBus({
    name,
    platform: native({ uncaught: true, graceMs: stopWithin + SPARE_MS }),
  });
  printLog(bus, output, { quiet, json });
  if (options.control !== false) control(bus, { name, version: VERSION });
  // Taken before the program starts: a second command starts none.
  const before = options.pidFile === undefined ? [] : [bus.use(pidFile(options.pidFile)).name];
  const component = program(bus, {
    name,
    command,
    steadyMs: steady,
    stopWithin,
    onDegraded: giveUp ? "exit" : "continue",
    ...output.take && { output: output.take },
  });
  bus.use({ ...component, dependsOn: before });
  output.watchSignal(bus);
  bus.wait("run").then(() => {
    bus.log(`Supervising ${command.join(" ")}`, { event: "supervising", pid: process.pid });
    output.link?.ready();
  }, () => {});
  await bus.run();
}

/** A bus that cannot go without accepting: nothing tells a program of another's to do so. */
export class SupervisingBus extends ProcessBus {
  override graceful(): Promise<void> {
    const refused = Promise.reject(
      new TransitionError(
        "unreachable",
        this.state,
        "graceful",
        "a program that is supervised knows no such request, expected reload or restart",
      ),
    );
    refused.catch(() => {});
    return refused;
  }
}

function printLog(
  bus: ProcessBus,
  { write, isFile }: Output,
  options: { quiet: boolean; json: boolean },
): void {
  const { quiet, json } = options;
  const style = !isFile && ownTerminal()?.colour ? { style: styled } : undefined;
  logTo(bus, (record) => {
    const line = json ? jsonLine(record) : textLine(record, style);
    if (line !== undefined) write(line);
  }, { level: quiet ? "warn" : "info" });
}
