/**
 * A terminal as its reader sees it: what was written, after all moves of the cursor.
 * @module
 */
import type { Terminal } from "../../cli/terminal.ts";
import type { OtherOutput } from "../../cli/_other_output.ts";
import { type VirtualClock, virtualClock } from "../../platforms/testing/virtual_clock.ts";

/** Takes what a program writes. It knows the sequences that `sitebus` uses, and refuses others. */
export class Screen {
  readonly #lines: string[][] = [[]];
  readonly #columns: number;
  readonly #rows: number;
  #row = 0;
  #column = 0;
  #saved = { row: 0, column: 0 };

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** All lines, those that were scrolled away included. */
  get lines(): string[] {
    const lines = this.#lines.map((line) => Array.from(line, (char) => char ?? " ").join("").trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** Where the cursor is: 0 is the first line, or column. */
  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  write(text: string): void {
    // deno-lint-ignore no-control-regex -- this is what is read
    for (const part of text.matchAll(/\x1b(?:\[([?\d;]*))?([A-Za-z78])|[^]/gu)) {
      if (part[2] !== undefined) this.#sequence(part[2], part[1]);
      else this.#char(part[0]);
    }
  }

  #sequence(kind: string, number: string | undefined): void {
    if (number === undefined) return this.#escape(kind);
    const line = this.#lines[this.#row] as string[];
    // Behind the last column it is still on it.
    const at = Math.min(this.#column, this.#columns - 1);
    // What has scrolled away cannot be reached any more.
    const top = Math.max(0, this.#lines.length - this.#rows);
    if (kind === "A") this.#row = Math.max(top, this.#row - Number(number || 1));
    else if (kind === "K" && number === "") line.length = Math.min(line.length, at);
    else if (kind === "J" && number === "") {
      line.length = Math.min(line.length, at);
      for (let row = this.#row + 1; row < this.#lines.length; row++) this.#lines[row] = [];
    } else if (kind !== "m") throw new Error(`The screen does not know ESC [ ${number} ${kind}`);
  }

  #escape(kind: string): void {
    // The saved place is one of the screen, and stays there when lines scroll.
    const top = Math.max(0, this.#lines.length - this.#rows);
    if (kind === "D") this.#down();
    else if (kind === "7") this.#saved = { row: this.#row - top, column: this.#column };
    else if (kind === "8") [this.#row, this.#column] = [this.#saved.row + top, this.#saved.column];
    else throw new Error(`The screen does not know ESC ${kind}`);
  }

  #char(char: string): void {
    if (char === "\r") this.#column = 0;
    else if (char === "\n") {
      // The driver of the terminal makes it both.
      this.#column = 0;
      this.#down();
    } else {
      if (this.#column === this.#columns) this.#char("\n");
      (this.#lines[this.#row] as string[])[this.#column++] = char;
    }
  }

  #down(): void {
    if (++this.#row === this.#lines.length) this.#lines.push([]);
  }
}

/** A terminal that a test looks at, and prints on as others do. */
export interface FakeTerminal extends Terminal {
  readonly screen: Screen;
  readonly clock: VirtualClock;
  /** What was written, piece by piece. */
  readonly written: string[];
  /** Whether others are watched. */
  readonly watches: boolean;
  /** Prints as the application does. */
  print(text: string): void;
}

/** Makes a terminal without colours. */
export function fakeTerminal(
  { columns = 60, rows = 20, clock = virtualClock(0) }: {
    readonly columns?: number;
    readonly rows?: number;
    readonly clock?: VirtualClock;
  } = {},
): FakeTerminal {
  const screen = new Screen(columns, rows);
  const written: string[] = [];
  let watching: OtherOutput | undefined;
  return {
    colour: false,
    screen,
    clock,
    written,
    get watches() {
      return watching !== undefined;
    },
    columns: () => columns,
    rows: () => rows,
    now: () => clock.now(),
    setTimer: (ms, fire) => clock.setTimer(ms, fire),
    write(text) {
      written.push(text);
      screen.write(text);
    },
    print(text) {
      watching?.before();
      screen.write(text);
      watching?.after();
    },
    watch(others) {
      watching = others;
      return () => {
        watching = undefined;
      };
    },
  };
}
