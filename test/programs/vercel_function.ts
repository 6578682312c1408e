// A function on Vercel, with the context that `@vercel/functions` reads. In place of Vercel's launcher, a server of node:http
// calls the function. It has the component of _database.ts. THAW_MS: an option of the platform.
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer } from "node:http";
import process from "node:process";
import { waitUntil } from "@vercel/functions";
import { ProcessBus } from "../../mod.ts";
import { fetchFunction, type ServerlessChannels, vercel } from "../../platforms/fetch.ts";
import { sleep, useDatabase } from "./_database.ts";
import { print } from "./_print.ts";

const { THAW_MS = "1000" } = process.env;

const bus = new ProcessBus<ServerlessChannels>({
  name: "shop",
  platform: vercel({ retryDelay: 300, thawAfterMs: Number(THAW_MS) }),
});
const db = useDatabase(bus);
for (const state of ["drain", "exit"] as const) {
  bus.subscribe(state, ({ left }) => print(`${state}, ${Math.round(left())} ms left`));
}
bus.subscribe("flush", () => print("flush"));
bus.subscribe("thaw", (gapMs) => print(`thaw ${gapMs}`));

const answer = fetchFunction(bus, async (request: Request, _host: unknown, invocation) => {
  const ms = Number(new URL(request.url).searchParams.get("ms"));
  print(request.signal.aborted ? "request of nobody" : `request of ${ms} ms`);
  waitUntil(sleep(50).then(() => print("work by Vercel's own function")));
  invocation.waitUntil(sleep(50).then(() => print("work by the invocation")));
  await sleep(ms);
  return Response.json({ starts: db.starts, inTime: invocation.left() > 50_000 });
});

// Sets the context as Vercel's launcher does, according to the code of @vercel/functions.
const contexts = new AsyncLocalStorage<object>();
Object.assign(globalThis, { [Symbol.for("@vercel/request-context")]: { get: () => contexts.getStore() } });
const works = new Set<Promise<unknown>>();
const server = createServer((incoming, outgoing) => {
  const context = {
    deadline: new Date(Date.now() + 60_000).toISOString(),
    waitUntil: (work: Promise<unknown>) => works.add(work),
  };
  contexts.run(context, async () => {
    const client = new AbortController();
    outgoing.once("close", () => outgoing.writableFinished || client.abort());
    const response = await answer(new Request(`http://localhost${incoming.url}`, { signal: client.signal }));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
    await Promise.all(works);
    print("works are done");
  });
});
server.listen(0, "127.0.0.1", () => print(`listening on ${(server.address() as { port: number }).port}`));
