/**
 * Lines at the bottom of a terminal that are drawn again and again, below all that is printed for good.
 *
 * The cursor rests above them, where the next output goes, at the column that it had; nothing ever moves it up
 * from there. So what others print is never lost, even where it comes from a child process and nobody told:
 * it goes over the lines, which are drawn again below it. And no mode is set that an end would have to put right.
 * @module
 */
import { cut } from "./_ansi.ts";
import type { Terminal } from "./terminal.ts";

// https://vt100.net/docs/vt510-rm/chapter4.html: down and not to the left, save the cursor, back to it,
// erase to the end of the line, and of the screen.
const [INDEX, SAVE, RESTORE, REST_OF_LINE, REST] = ["\x1bD", "\x1b7", "\x1b8", "\x1b[K", "\x1b[J"];

/** The lines below the cursor. */
export class LiveBlock {
  readonly #terminal: Terminal;
  readonly #style: (line: string) => string;
  /** The lines to be shown, and as they stand on the screen. */
  #lines: readonly string[] = [];
  #drawn = "";
  #lifted = 0;

  constructor(terminal: Terminal, style: (line: string) => string = (line) => line) {
    this.#terminal = terminal;
    this.#style = style;
  }

  /** Shows these lines in place of the earlier ones; an empty list removes the block. */
  show(lines: readonly string[]): void {
    this.#lines = lines;
    const drawing = this.#drawing();
    // Drawn over the old ones: taken away first, they would flicker.
    if (drawing !== this.#drawn) this.#terminal.write(drawing || REST);
    this.#drawn = drawing;
  }

  /** Prints whole lines for good, above the block; `lines` replace those of the block. */
  print(text: string, lines: readonly string[] = this.#lines): void {
    const erase = this.#drawn && REST;
    this.#lines = lines;
    this.#drawn = this.#drawing();
    this.#terminal.write(erase + text + this.#drawn);
  }

  /** Removes the block until `lower` is called, so that other code can print. */
  lift(): void {
    this.#lifted++;
    this.show(this.#lines);
  }

  /** Puts the block back. */
  lower(): void {
    this.#lifted--;
    this.show(this.#lines);
  }

  #drawing(): string {
    if (this.#lifted > 0 || this.#lines.length === 0) return "";
    const { length } = this.#lines;
    // A last column that is filled makes some terminals begin a line, and others not.
    const columns = this.#terminal.columns() - 1;
    const lines = this.#lines.map((line) => `\r\n${this.#style(cut(line, columns))}${REST_OF_LINE}`);
    // Right of the cursor may be the rest of a line of the block that other output has overwritten. At the bottom of the
    // screen room is made by scrolling, before the cursor is saved.
    const room = `${REST_OF_LINE}${INDEX.repeat(length)}\x1b[${length}A`;
    return room + SAVE + lines.join("") + REST + RESTORE;
  }
}
