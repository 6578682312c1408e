// The package close-with-grace.
import { loadPeer } from "../_peers.ts";
import { graceMs, stayAlive, stop } from "./_stop.ts";

type CloseWithGrace = (
  options: { readonly delay: number },
  close: () => Promise<void>,
) => void;

const { default: closeWithGrace } = await loadPeer<
  { readonly default: CloseWithGrace }
>("close-with-grace");
closeWithGrace({ delay: graceMs }, () => stop());
stayAlive();
