// fastify with close-with-grace, as its documentation shows.
import { loadPeer } from "../_peers.ts";
import { print } from "./_print.ts";
import { graceMs, stop } from "./_stop.ts";

interface Fastify {
  addHook(name: "onClose", close: () => Promise<void>): void;
  listen(where: { host: string; port: number }): Promise<string>;
  close(): Promise<void>;
}
type CloseWithGrace = (
  options: { readonly delay: number },
  close: () => Promise<void>,
) => void;

const { default: fastify } = await loadPeer<
  { readonly default: () => Fastify }
>("fastify");
const { default: closeWithGrace } = await loadPeer<
  { readonly default: CloseWithGrace }
>("close-with-grace");
const app = fastify();
app.addHook("onClose", () => stop());
closeWithGrace({ delay: graceMs }, () => app.close());
await app.listen({ host: "127.0.0.1", port: 0 });
print("ready");
