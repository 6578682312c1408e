/**
 * A serverless host that ends its process by a signal, as it says with the time that it then leaves.
 * @module
 */
import type { Platform } from "../../src/platform.ts";
import { type Attachment, type AttachmentOptions, attachToProcess } from "../process/attachment.ts";
import type { ProcessLike } from "../process/process_like.ts";
import { standardError } from "../process/report_line.ts";
import { armedSignals, type SignalName } from "../process/signal_table.ts";

/** How a host ends its process. */
export interface SignalledOptions extends Pick<AttachmentOptions, "end"> {
  /** What is refused where a signal is unknown. */
  readonly action: string;
  /** The process. */
  readonly process: ProcessLike;
  /** The signals, each of which says that the process ends. */
  readonly signals: readonly SignalName[];
  /** Milliseconds that are left then. */
  readonly graceMs: number;
  /** Takes the host's own listeners for these signals off; returns its undo. */
  readonly replace?: (process: ProcessLike, signals: readonly SignalName[]) => () => void;
}

/**
 * The same platform, which holds the signals of its process from `attach` on, and ends it in `leave`.
 * @throws {TypeError} Where the operating system has no such signal.
 */
export function signalled<P extends Platform>(platform: P, options: SignalledOptions): P {
  const { action, process, signals, graceMs, end, replace } = options;
  const table = Object.fromEntries(signals.map((name) => [name, "exit"]));
  const armed = armedSignals(action, process, table).map((signal) => ({ ...signal, leftMs: graceMs }));
  let attachment: Attachment | undefined;
  let undo = () => {};
  return {
    ...platform,
    report: standardError(process),
    attach(control) {
      if (replace) undo = replace(process, signals);
      attachment = attachToProcess(control, {
        process,
        signals: armed,
        uncaught: false,
        ...end && { end },
      });
      return platform.attach(control);
    },
    pulse(state, settled) {
      attachment?.pulse(state);
      platform.pulse?.(state, settled);
    },
    leave(outcome) {
      undo();
      if (attachment !== undefined) attachment.leave(outcome);
      // Attaching failed, so that the process may be another bus's to end.
      else process.exitCode = outcome.code;
      return platform.leave(outcome);
    },
  };
}
