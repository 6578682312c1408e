// The package exit-hook.
import { loadPeer } from "../_peers.ts";
import { graceMs, stayAlive, stop } from "./_stop.ts";

interface ExitHook {
  asyncExitHook(
    onExit: () => Promise<void>,
    options: { readonly wait: number },
  ): void;
}

const { asyncExitHook } = await loadPeer<ExitHook>("exit-hook");
asyncExitHook(() => stop(), { wait: graceMs });
stayAlive();
