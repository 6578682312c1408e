/**
 * Where a part says what went wrong that no caller is told of.
 * @module
 */
import { web } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";

/** Logs in the bus that uses the part; before that, and without a bus, on the console. */
export class OwnLog {
  #log: Phase["log"] | undefined;

  /** Logs in the bus whose `log` this is from now on. */
  use(log: Phase["log"]): void {
    this.#log = log;
  }

  /** Says what went wrong, in a record with the `event` "lazy". */
  error(message: string, error: unknown): void {
    if (this.#log) this.#log(message, { level: "error", event: "lazy", error });
    else web.console.error(message);
  }
}
