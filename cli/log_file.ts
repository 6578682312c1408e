/**
 * A log file that can be rotated, on a disk that may be full.
 * @module
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { firstLine } from "../components/log/place.ts";
import { ConfigError } from "./config_error.ts";

/** Its permissions: its owner and its group may read it, less what the process's umask takes away. */
const MODE = 0o640;

/** A log file that is written to at its end. What cannot be written is counted, and nothing fails for it. */
export class LogFile {
  readonly #path: string;
  #fd: number;
  /** Bytes that could not be written since the last that could. */
  #lost = 0;
  #why = "";
  #isAtLineStart = true;

  /** @throws {ConfigError} If it cannot be opened, saying why. */
  constructor(path: string) {
    this.#path = resolve(path);
    try {
      this.#fd = openSync(this.#path, "a", MODE);
    } catch (error) {
      throw new ConfigError(`Cannot open the log file "${path}": ${firstLine(error)}`, { cause: error });
    }
  }

  /** Its number in this process. */
  get fd(): number {
    return this.#fd;
  }

  /** Writes what a program printed, as it is. */
  write(chunk: Uint8Array): void {
    if (this.#lost > 0 && !this.#tellLost()) return void (this.#lost += chunk.length);
    this.#put(chunk);
  }

  /** Writes lines, beginning on a line of their own. */
  writeLines(text: string): void {
    this.write(new TextEncoder().encode(this.#isAtLineStart ? text : `\n${text}`));
  }

  /**
   * Opens the file of that name again: a rotation has given the old one another name. Where it cannot be opened, the old one
   * is written to as before; returns why, else undefined.
   */
  reopen(): string | undefined {
    let fd: number;
    try {
      fd = openSync(this.#path, "a", MODE);
    } catch (error) {
      return `Cannot open the log file "${this.#path}" again, the old one is written to: ${firstLine(error)}`;
    }
    const old = this.#fd;
    this.#fd = fd;
    this.#isAtLineStart = true;
    closeSync(old);
    return undefined;
  }

  #put(chunk: Uint8Array): boolean {
    let written = 0;
    try {
      while (written < chunk.length) written += writeSync(this.#fd, chunk, written);
    } catch (error) {
      this.#lost += chunk.length - written;
      this.#why = firstLine(error);
    }
    if (written > 0) this.#isAtLineStart = chunk[written - 1] === 10;
    return written === chunk.length;
  }

  /** Says in the file what is missing there, once there is space; returns whether it could. */
  #tellLost(): boolean {
    const lost = this.#lost;
    const start = this.#isAtLineStart ? "" : "\n";
    const text = `${start}sitebus: warning: ${lost} bytes of this log are lost: ${this.#why}\n`;
    this.#lost = 0;
    if (this.#put(new TextEncoder().encode(text))) return true;
    // A part of the message itself may be missing; it is told again.
    this.#lost = lost;
    return false;
  }
}
