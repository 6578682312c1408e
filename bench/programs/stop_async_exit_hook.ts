// The package async-exit-hook.
import { loadPeer } from "../_peers.ts";
import { graceMs, stayAlive, stop } from "./_stop.ts";

interface ExitHook {
  (onExit: (done: () => void) => void): void;
  forceExitTimeout(ms: number): void;
}

const { default: exitHook } = await loadPeer<{ readonly default: ExitHook }>(
  "async-exit-hook",
);
exitHook.forceExitTimeout(graceMs);
exitHook((done) => void stop().then(done));
stayAlive();
