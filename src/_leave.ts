/**
 * After `exited`: the successor where a restart was asked, the exit code, and the end of the platform.
 * @module
 */
import { isCode } from "./check.ts";
import { whileRuns } from "./_core.ts";
import { Deadline } from "./deadline.ts";
import type { Engine } from "./engine.ts";
import { Round } from "./round.ts";

/** Milliseconds until force may be used where a listener is late: output may need them, a hung listener does not. */
const LATE_MS = 100;

/** Milliseconds that a platform has to leave beyond the time until it may use force. */
const LEAVE_MS = 100;

/** Ends what the bus began; resolves to the exit code. */
export async function leave(engine: Engine, restart: boolean): Promise<number> {
  const { core, platform, limits } = engine;
  const child = restart ? await respawn(engine) : undefined;
  const forced = engine.forcedBy !== undefined;
  const signaled = forced ? 128 + (engine.forcedBy?.number ?? 2) : undefined;
  const code = signaled ?? child ?? (engine.code || (engine.failed ? 70 : 0));
  const late = core.running();
  const isLate = late.length > 0;
  core.log(`Exited with code ${code}${whileRuns(late)}`, { level: isLate ? "error" : "info", code });
  const settle = limits.of("settle");
  const leftMs = Math.min(limits.left(core.clock.now()), isLate ? Math.min(LATE_MS, settle) : settle);
  const deadline = engine.deadline = new Deadline(core.clock, "leave", leftMs + LEAVE_MS, 0);
  const body = () => platform.leave({ code, forced, leftMs, ...isLate && { late } });
  core.logFailed(await core.channel("exited").outcome({ name: "leave", deadline, body }));
  deadline.close();
  return code;
}

/**
 * Publishes `restart`, or has the platform start the successor; returns the exit code that one of them resolved
 * to: the successor's, where it was waited for, or what a supervisor is to see.
 */
async function respawn(engine: Engine): Promise<number | undefined> {
  const { core, platform, plan } = engine;
  const channel = core.channel("restart");
  // It lasts as long as the successor may: only a notice or a second signal ends it.
  const deadline = engine.deadline = engine.limit("exited", Infinity);
  let code: number | undefined;
  const own = { name: "respawn", priority: 50, listener: () => platform.respawn?.(plan) };
  const round = new Round(channel, {
    deadline,
    entries: channel.entries.length > 0 ? channel.entries : [own],
    call: ({ entry: { listener } }) => listener(plan as never),
    done(_, value) {
      if (isCode(value)) code = value;
    },
  });
  await round.run();
  deadline.close();
  for (const failure of round.failures) engine.note(failure);
  engine.calls.rest(engine.state, engine.failures, true);
  return code;
}
