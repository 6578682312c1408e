/**
 * A host that says by a signal that it ends the process.
 * @module
 */
import type { Platform } from "../../src/platform.ts";
import { type Attachment, type AttachmentOptions, attachToProcess } from "../process/attachment.ts";
import type { ProcessLike } from "../process/process_like.ts";
import { armedSignals, type SignalName } from "../process/signal_table.ts";
import type { ProcessHost } from "./process_host.ts";

/** The host's own, and Ctrl-C, which means the same where the function is tried out. */
const SIGNALS: readonly SignalName[] = ["SIGTERM", "SIGINT"];

/** How the process ends. */
export interface SignalledOptions extends Pick<AttachmentOptions, "end"> {
  /** Takes the host's own listeners for these signals off; returns the undo. */
  readonly replace?: (process: ProcessLike, signals: readonly SignalName[]) => () => void;
}

/**
 * Makes the same platform with the signals of the process: SIGTERM and SIGINT ask for an exit within `graceMs`. They are
 * listened for from `attach` on; `leave` ends the process.
 * @throws {TypeError} If the operating system has no such signal.
 */
export function signalled<P extends Platform>(platform: P, host: ProcessHost, options: SignalledOptions): P {
  const { action, process, graceMs } = host;
  const { end, replace } = options;
  const table = Object.fromEntries(SIGNALS.map((name) => [name, "exit"]));
  const signals = armedSignals(action, process, table).map((signal) => ({ ...signal, leftMs: graceMs }));
  let attachment: Attachment | undefined;
  let undo = () => {};
  return {
    ...platform,
    attach(control) {
      if (replace) undo = replace(process, SIGNALS);
      attachment = attachToProcess(control, { process, signals, uncaught: false, ...end && { end } });
      return platform.attach(control);
    },
    pulse(state, settled) {
      attachment?.pulse(state);
      platform.pulse?.(state, settled);
    },
    leave(outcome) {
      undo();
      // Where attaching has failed, the process may be another bus's to end.
      if (attachment === undefined) process.exitCode = outcome.code;
      else attachment.leave(outcome);
      return platform.leave(outcome);
    },
  };
}
