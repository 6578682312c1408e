/**
 * A Worker for tests, with a bus whose start takes some time and fails as often as the test asks for.
 * @module
 */
import { type LogRecord, ProcessBus } from "../../mod.ts";
import {
  cloudflare,
  durable,
  type DurableStateLike,
  gate,
  type ServerlessChannels,
  worker,
  type WorkerContextLike,
} from "../../platforms/cloudflare.ts";

/** The options of the test, which esbuild inserts here. */
declare const PLAN: {
  readonly startMs?: number;
  /** How many starts fail before one succeeds. */
  readonly failures?: number;
  readonly startWithin?: number;
  readonly retryDelay?: number;
};

interface Context extends WorkerContextLike {
  abort(reason: unknown): void;
}

interface Env {
  readonly SELF: { fetch(url: string, init?: { readonly signal: AbortSignal }): Promise<Response> } & {
    scheduled(event: { readonly cron: string }): Promise<{ readonly outcome: string }>;
    queue(name: string, messages: readonly object[]): Promise<{ readonly outcome: string }>;
  };
  readonly ROOMS: {
    idFromName(name: string): object;
    get(id: object): { fetch(url: string): Promise<Response> };
  };
}

const { startMs = 0, failures = 0, startWithin = 5_000, retryDelay = 50 } = PLAN;
const seen = { starts: 0, flushes: 0, cuts: 0, log: [] as LogRecord[], events: [] as string[], refused: "" };

const bus = new ProcessBus<ServerlessChannels>({ platform: cloudflare({ startWithin, retryDelay }) });
bus.subscribe("log", (record) => void seen.log.push({ ...record, error: String(record.error) }));
bus.subscribe("flush", async () => {
  await sleep(20);
  seen.flushes++;
});
const db = bus.use({
  name: "db",
  start: async () => {
    const nth = ++seen.starts;
    if (startMs > 0) await sleep(startMs);
    if (nth <= failures) throw new Error("no database");
    return nth;
  },
});
try {
  bus.use({ name: "pool", needs: { ioOutsideRequests: true }, start: () => {} });
} catch (error) {
  seen.refused = String(error);
}

const app = worker(bus, {
  async fetch(request, env: Env, _context, invocation) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new Error("broken");
    if (pathname === "/signal") {
      invocation.signal.addEventListener("abort", () => void seen.cuts++);
      await sleep(600);
    }
    if (pathname === "/after") {
      invocation.waitUntil(sleep(100).then(() => void seen.events.push("after")));
    }
    // A request that has waited for another request still does its own input and output.
    await sleep(50);
    const answer = await env.SELF.fetch("http://worker/pong");
    return Response.json({ db: db.value, pong: await answer.text() });
  },
  scheduled: ({ cron }) => void seen.events.push(`scheduled ${cron}`),
  queue: ({ queue, messages }) => void seen.events.push(`queue ${queue} ${messages.length}`),
});

const own = gate(bus);

export default {
  ...app,
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/pong":
        return new Response("pong");
      case "/report":
        return Response.json({ ...seen, attempts: own.attempts, takeOvers: own.takeOvers, state: bus.state });
      case "/exit":
        return Response.json(await bus.exit().then(() => bus.state, String));
      // A request that is cancelled while it waits, as when its client goes away.
      case "/cancel":
        return new Response(
          await env.SELF.fetch(`http://worker/${searchParams.get("path") ?? ""}`, {
            signal: AbortSignal.timeout(100),
          })
            .then(String, ({ name }) => name),
        );
      // A request that the runtime drops, with everything that it had under way.
      case "/die":
        setTimeout(() => context.abort(new Error("dropped")), 100);
        break;
      case "/scheduled":
        return Response.json(
          await env.SELF.scheduled({ cron: "* * * * *" }).then((it) => it.outcome, String),
        );
      case "/queue":
        return Response.json(
          await env.SELF.queue("jobs", [{ id: "1", timestamp: new Date(0), body: "job", attempts: 1 }])
            .then((it) => it.outcome, String),
        );
      case "/room": {
        const room = env.ROOMS.get(env.ROOMS.idFromName(searchParams.get("name") ?? "lobby"));
        return await room.fetch(`http://room/${searchParams.get("do") ?? ""}`).catch((error) =>
          new Response(String(error), { status: 500 })
        );
      }
    }
    return await app.fetch(request, env, context);
  },
};

let rooms = 0;

/** A Durable Object with a bus of its own. */
export class Room {
  readonly #bus = new ProcessBus({ platform: cloudflare({ durable: true }) });
  readonly #nth = ++rooms;
  #starts = 0;

  constructor(state: DurableStateLike) {
    this.#bus.use({
      name: "members",
      needs: { ioOutsideRequests: true },
      start: async () => {
        this.#starts++;
        await sleep(startMs);
        if (this.#nth <= failures) throw new Error("no members");
      },
    });
    durable(this.#bus, state);
  }

  fetch(): Response {
    return Response.json({ nth: this.#nth, starts: this.#starts, state: this.#bus.state });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
