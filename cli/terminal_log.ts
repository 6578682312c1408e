/**
 * A terminal on which what a bus waits for stands below what is printed for good, with the time that passes.
 * @module
 */
import type { Phase, ProcessBus } from "../mod.ts";
import { styled } from "./_ansi.ts";
import { LiveBlock } from "./_live_block.ts";
import { pendingLines, type PendingOptions } from "./_pending.ts";
import { oneLine } from "./say.ts";
import type { Terminal } from "./terminal.ts";

/** What is shown, and where. */
export interface TerminalLogOptions extends Pick<PendingOptions, "requestsOf"> {
  readonly terminal: Terminal;
}

/** How often the lines are drawn, in milliseconds, and how many times longer than drawing took it rests. */
const [EVERY_MS, SHARE] = [100, 10];

/** More lines than this are no help. */
const ROWS = 12;

/** Shows on the terminal what is pending while the bus starts and stops; returns what prints lines for good. */
export function terminalLog(bus: ProcessBus, options: TerminalLogOptions): (text: string) => void {
  const { terminal, requestsOf } = options;
  const block = new LiveBlock(terminal, (line) => terminal.colour ? styled("dim", line) : line);
  let disarm: (() => void) | undefined;
  let unwatch: (() => void) | undefined;
  let phase: Phase | undefined;
  let signaled = false;
  // Where many components make the lines expensive, the bus still has most of the time.
  let dueAt = 0;

  const renew = (): readonly string[] => {
    const since = terminal.now();
    const rows = Math.min(ROWS, terminal.rows() - 3);
    const pending = pendingLines(bus.inspect(), { rows, requestsOf });
    const lines = pending.length > 0 && phase ? [...pending, ...outlook(phase, signaled)] : pending;
    if (lines.length > 0) {
      unwatch ??= terminal.watch({ before: () => block.lift(), after: () => block.lower() });
    }
    const now = terminal.now();
    dueAt = now + SHARE * (now - since);
    return lines.map((line) => oneLine(`sitebus: ${line}`));
  };
  const drawSoon = (ms = EVERY_MS) => {
    disarm = terminal.setTimer(ms, () => {
      block.show(renew());
      drawSoon(Math.max(EVERY_MS, dueAt - terminal.now()));
    });
  };
  const begin = (entered: Phase) => {
    phase = entered;
    if (!disarm) drawSoon();
  };
  const end = () => {
    disarm?.();
    disarm = phase = undefined;
    block.show([]);
    unwatch?.();
    unwatch = undefined;
  };
  for (const state of ["start", "drain", "stop", "exit"] as const) {
    bus.subscribe(state, begin, { name: "terminal", priority: 0 });
  }
  // Past these nothing is pending but what is late, and the last line names that.
  bus.subscribe("run", end, { name: "terminal", priority: 100 });
  bus.subscribe("idle", end, { name: "terminal", priority: 0 });
  bus.subscribe("exited", end, { name: "terminal", priority: 0 });
  bus.subscribe("signal", ({ name }) => {
    signaled = true;
    // What is printed next takes the place of the ^C that the terminal has shown.
    if (name === "SIGINT") terminal.write("\r\x1b[K");
  }, { name: "terminal" });

  return (text) => {
    if (unwatch && terminal.now() >= dueAt) block.print(text, renew());
    else block.print(text);
  };
}

/** What comes next. */
function outlook({ state, reason, signal, left }: Phase, signaled: boolean): string[] {
  const givenUp = state === "start" && signal.aborted;
  const forces = state === "start" ? givenUp && signaled : reason.by === "signal";
  const seconds = `${Math.ceil(left() / 1000)} s`;
  return [
    [
      ...left() === 0 || left() === Infinity
        ? []
        : [givenUp ? `the start is given up in ${seconds} at most` : `${seconds} left to ${state}`],
      ...forces ? ["Ctrl-C ends it at once"] : [],
    ].join("; "),
  ].filter((line) => line !== "");
}
