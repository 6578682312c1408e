/**
 * A terminal whose last lines show what a bus waits for, with the time that passes, below what is printed for good.
 * @module
 */
import type { Phase, ProcessBus } from "../mod.ts";
import { pendingLines, type RequestsOf } from "../components/log/pending.ts";
import { oneLine } from "../components/log/plain_text.ts";
import { outlookText } from "../components/log/remind.ts";
import { styled } from "./_ansi.ts";
import { LiveBlock } from "./_live_block.ts";
import type { Terminal } from "./terminal.ts";

/** The terminal, and what is known of the servers. */
export interface TerminalLogOptions {
  readonly terminal: Terminal;
  /** How many requests a component has in flight. */
  readonly requestsOf: RequestsOf;
  /** Lines that stand below those of what is pending, also while the bus runs. Default none. */
  readonly standing?: (() => readonly string[]) | undefined;
}

/** How often the lines are drawn, in milliseconds, and how many times longer than drawing took it rests. */
const [EVERY_MS, SHARE] = [100, 10];

/** How often lines are drawn that stand while nothing is pending, in milliseconds. */
const STANDING_EVERY_MS = 1000;

/** More lines than this are no help. */
const ROWS = 12;

/** Shows on the terminal what is pending while the bus starts and stops; returns a function that prints lines above that. */
export function terminalLog(bus: ProcessBus, options: TerminalLogOptions): (text: string) => void {
  const { terminal, requestsOf, standing } = options;
  const block = new LiveBlock(terminal, (line) => terminal.colour ? styled("dim", line) : line);
  let disarm: (() => void) | undefined;
  let unwatch: (() => void) | undefined;
  let phase: Phase | undefined;
  let signaled = false;
  // Where many components make the lines expensive, the bus still gets most of the time.
  let dueAt = 0;

  const renew = (): readonly string[] => {
    const since = terminal.now();
    const rows = Math.min(ROWS, terminal.rows() - 3);
    const pending = pendingLines(bus.inspect(), { rows, requestsOf });
    const below = cutTo(standing?.() ?? [], rows - pending.length);
    const lines = [...pending, ...below, ...pending.length > 0 && phase ? outlook(phase, signaled) : []];
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
      drawSoon(Math.max(phase ? EVERY_MS : STANDING_EVERY_MS, dueAt - terminal.now()));
    });
  };
  const begin = (entered: Phase) => {
    phase = entered;
    if (disarm && !standing) return;
    disarm?.();
    drawSoon();
  };
  const rest = () => {
    if (!standing) return end();
    phase = undefined;
    block.show(renew());
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
  // After these states only late calls are pending, and the last line names them.
  bus.subscribe("run", rest, { name: "terminal", priority: 100 });
  bus.subscribe("idle", end, { name: "terminal", priority: 0 });
  bus.subscribe("exited", end, { name: "terminal", priority: 0 });
  bus.subscribe("signal", ({ name }) => {
    signaled = true;
    // The next text is printed over the ^C that the terminal has shown.
    if (name === "SIGINT") terminal.write("\r\x1b[K");
  }, { name: "terminal" });

  return (text) => {
    if (unwatch && terminal.now() >= dueAt) block.print(text, renew());
    else block.print(text);
  };
}

/** As many of the lines as there is room for. */
function cutTo(lines: readonly string[], rows: number): readonly string[] {
  const room = Math.max(1, rows);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `and ${lines.length - room + 1} more`];
}

/** How much time is left, and what a further Ctrl-C does, as one line or none. */
function outlook({ state, reason, signal, left }: Phase, signaled: boolean): string[] {
  const givenUp = state === "start" && signal.aborted;
  const forces = state === "start" ? givenUp && signaled : reason.by === "signal";
  const line = [
    ...outlookText({ state, leftMs: left(), givenUp, reason }),
    ...forces ? ["Ctrl-C ends it at once"] : [],
  ].join("; ");
  return line === "" ? [] : [line];
}
