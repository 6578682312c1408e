/**
 * The platform of a process of an operating system: the common part of POSIX and Windows.
 * @module
 */
import { LONG_LIVED, type Platform } from "../../src/platform.ts";
import { asyncContext } from "./async_context.ts";
import { type Attachment, type AttachmentOptions, attachToProcess } from "./attachment.ts";
import { emptyLoop } from "./empty_loop.ts";
import { keepAlive } from "./keep_alive.ts";
import { webClock } from "../../src/web_clock.ts";
import { isProcessHeld } from "./process_mark.ts";
import { standardError } from "./report_line.ts";
import { respawn } from "./respawn.ts";
import { setExitCode } from "./set_exit_code.ts";
import type { Source, Told } from "./source.ts";

/** The parts of a platform of an operating system. */
export interface ProcessPlatformOptions extends Omit<AttachmentOptions, "release"> {
  /** The name of the platform, for messages. */
  readonly name: string;
  /** How the operating system announces the end of the process, and how many milliseconds it then leaves. */
  readonly notice: Platform["traits"]["notice"];
  /** The arguments of the successor of a restart, if the plan has none. */
  readonly args: readonly string[] | undefined;
  /** Reads the command line of Deno, where there is no `/proc`. */
  readonly commandLine?: () => readonly string[] | undefined;
  /** Sources of requests other than signals. Default none. */
  readonly sources?: readonly Source[];
}

/** Makes the platform; no listener is added before `attach`. */
export function processPlatform(options: ProcessPlatformOptions): Platform {
  const { name, notice, process, args, commandLine } = options;
  const sources = [emptyLoop(process), ...options.sources ?? []];
  const stay = keepAlive();
  const release = () => sources.forEach((source) => source.release?.());
  let attachment: Attachment | undefined;
  return {
    name,
    traits: { ...LONG_LIVED, notice },
    clock: webClock,
    context: asyncContext(process),
    park(until) {
      for (const source of sources) source.park?.(until);
      return stay(until);
    },
    report: standardError(process),
    attach(control) {
      const { deliver } = attachment = attachToProcess(control, { ...options, release });
      return begin(sources, { control, deliver });
    },
    pulse(state, settled) {
      attachment?.pulse(state);
      for (const source of sources) source.pulse?.(state, settled);
    },
    async respawn(plan) {
      const child = (passOn: (signal: string) => void) => attachment?.passTo(passOn);
      await Promise.all(sources.map((source) => source.leave?.("restart")));
      return await respawn(process, plan, { args, commandLine, child }).finally(() =>
        attachment?.passTo(undefined)
      );
    },
    async leave(outcome) {
      if (attachment === undefined) {
        // Attaching failed. If another bus holds the process, that bus sets the exit code.
        if (!isProcessHeld(process)) setExitCode(process, outcome.code);
      } else {
        const gone = sources.map((source) => source.leave?.("end"));
        if (!outcome.forced) await Promise.all(gone);
        attachment.leave(outcome);
      }
    },
  };
}

async function begin(sources: readonly Source[], told: Told): Promise<void> {
  for (const source of sources) await source.attach(told);
}
