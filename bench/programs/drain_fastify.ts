// fastify.close(), with its defaults.
import { loadPeer } from "../_peers.ts";
import { fetch, listening, onTerm } from "./drain_app.ts";

interface Fastify {
  get(
    path: string,
    answer: (request: { readonly url: string }) => Promise<string>,
  ): void;
  listen(
    where: { readonly host: string; readonly port: number },
  ): Promise<string>;
  close(): Promise<void>;
}

const { default: fastify } = await loadPeer<
  { readonly default: () => Fastify }
>("fastify");
const app = fastify();
app.get("/*", async (request) => await (await fetch(request)).text());
listening(
  Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port),
);
onTerm(() => app.close());
