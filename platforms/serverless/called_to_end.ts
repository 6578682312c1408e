/**
 * A host that says by a call that it ends the process, and ends it itself afterwards.
 * @module
 */
import type { Outcome } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { webClock } from "../../src/web_clock.ts";
import { gate, type ServerlessPlatform } from "../serverless.ts";
import { FOLD_MS } from "../../src/internal.ts";

/** The platform of such a host. */
export interface HostCalledPlatform extends ServerlessPlatform {
  /** Leaves the end of the process to the host, which has said that it ends it. */
  leaveToHost(): void;
}

/**
 * Makes the same platform, which calls `end` in `leave` where the bus has exited by itself: then the host does not end
 * the process.
 */
export function calledToEnd(
  platform: ServerlessPlatform,
  end: (outcome: Outcome) => void,
): HostCalledPlatform {
  let endsByHost = false;
  return {
    ...platform,
    leaveToHost() {
      endsByHost = true;
    },
    async leave(outcome) {
      await platform.leave(outcome);
      if (!endsByHost) end(outcome);
    },
  };
}

/**
 * Makes what the host's call named `name` does: the bus exits within the host's notice, and the host ends the process.
 * A second call more than 500 ms after the first leaves no time. Resolves once the bus has left.
 */
export function exitByCall<C extends object>(bus: ProcessBus<C>, name: string): () => Promise<void> {
  const { traits: { notice }, leaveToHost } = bus.platform as
    & typeof bus.platform
    & Partial<HostCalledPlatform>;
  const graceMs = notice === "none" ? 0 : notice.graceMs;
  const own = gate(bus);
  let firstAt: number | undefined;
  return async () => {
    leaveToHost?.();
    const now = webClock.now();
    firstAt ??= now;
    await own.shutdown({ name, leftMs: now - firstAt > FOLD_MS ? 0 : graceMs });
  };
}
