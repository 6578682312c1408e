/**
 * The end, after `exited`: the successor where a restart was asked for, the exit code, and the end of the platform.
 * @module
 */
import { isCode } from "./check.ts";
import type { Core } from "./core.ts";
import type { Course } from "./course.ts";
import { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import { FAILED, OK, SIGNALED } from "./exit_codes.ts";
import type { Limits } from "./limits.ts";
import type { Platform } from "./platform.ts";
import { titleOf, whilePending } from "./records.ts";
import { describePending, type Step } from "./call.ts";
import type { UnderWay } from "./under_way.ts";
import { Round } from "./round.ts";

/** Until force may be used where a call is late: output may need the time, a hung listener does not. */
const LATE_MS = 100;
/** Milliseconds that a platform has to leave the process, beyond the time that is left, until it may use force. */
const LEAVE_MS = 100;
/** The number that stands for a signal without one. */
const SIGINT = 2;

/** The part of a bus that its end needs. */
export interface DepartureHost {
  readonly core: Core;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly course: Course;
  /** Whether anything has failed. */
  readonly hasFailed: boolean;
  readonly underWay: UnderWay;
  /** The successor has started, or has not: `failures`. */
  restarted(failures: readonly Failure[]): void;
}

/** Leaves; resolves to the exit code, and never rejects. */
export async function depart(host: DepartureHost, isRestart: boolean): Promise<number> {
  const { core, platform, limits } = host;
  const child = isRestart ? await respawn(host) : undefined;
  const { course: { forcedBy, code: asked }, hasFailed } = host;
  const forced = forcedBy !== undefined;
  const code = forced
    ? SIGNALED + (forcedBy.number ?? SIGINT)
    : child ?? (asked || (hasFailed ? FAILED : OK));
  const pending = describePending(core);
  const isLate = pending.length > 0;
  const fields = { event: "exit", code, forced, pending } as const;
  core.log(`Exited with code ${code}${whilePending(pending)}`, {
    level: isLate ? "error" : "info",
    ...fields,
  });
  const settle = limits.of("settle");
  const leftMs = Math.min(limits.left(core.clock.now()), isLate ? Math.min(LATE_MS, settle) : settle);
  const deadline = new Deadline(core.clock, "leave", leftMs + LEAVE_MS);
  host.underWay.cover(deadline, false);
  const call = () => platform.leave({ code, forced, leftMs, ...isLate && { late: pending.map(titleOf) } });
  await new Round(core, "exited", [{ name: "leave", listener: call }], { call }, deadline).ran();
  deadline.close();
  return code;
}

/**
 * Publishes `restart`, or has the platform start the successor; resolves to the exit code that one of them resolved
 * to: the successor's, where this process waited for it, or what a supervisor is to see.
 */
async function respawn(host: DepartureHost): Promise<number | undefined> {
  const { core, platform, limits, course: { plan } } = host;
  const { entries } = core.channel("restart").list();
  // The wait for the successor has no deadline: only a notice or a second signal ends it.
  const deadline = new Deadline(core.clock, "restart", Infinity);
  deadline.limit(limits.noticed("exited"));
  host.underWay.cover(deadline, false);
  let code: number | undefined;
  const own: Step = { name: "respawn", listener: () => platform.respawn?.(plan) };
  const round = new Round(core, "restart", entries.length > 0 ? entries : [own], {
    call: ({ listener }) => listener(plan as never),
    done(value) {
      if (isCode(value)) code = value;
    },
  }, deadline);
  await round.ran();
  deadline.close();
  host.restarted(round.failures);
  return code;
}
