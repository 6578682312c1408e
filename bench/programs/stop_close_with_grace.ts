// The package close-with-grace.
import { loadPeer } from "../_peers.ts";
import { graceMs, stayAlive, stop } from "./_stop.ts";

interface Options {
  readonly delay: number;
  readonly skip: readonly string[];
}
type CloseWithGrace = (options: Options, close: () => Promise<void>) => void;

const { default: closeWithGrace } = await loadPeer<
  { readonly default: CloseWithGrace }
>("close-with-grace");
// Signals that Deno lets no program take; without this it ends with an error at once.
const skip = "Deno" in globalThis ? ["SIGILL", "SIGFPE", "SIGSEGV"] : [];
closeWithGrace({ delay: graceMs, skip }, () => stop(performance.now()));
stayAlive();
