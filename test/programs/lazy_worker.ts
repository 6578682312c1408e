/**
 * A Worker for tests, whose value and applications are made by its first requests.
 * @module
 */
import { type DynamicApp, dynamicApp, isNotReady, lazy, serialize } from "../../components/lazy.ts";

/** What the test wants; esbuild puts it here. */
declare const PLAN: {
  readonly createMs?: number;
  /** How many times `create` fails before it does not. */
  readonly failures?: number;
  readonly within?: number;
  readonly retryDelay?: number;
};

interface Context {
  waitUntil(work: Promise<unknown>): void;
  abort(reason: unknown): void;
}

interface Env {
  readonly SELF: { fetch(url: string, init?: { readonly signal: AbortSignal }): Promise<Response> };
}

const { createMs = 0, failures = 0, within = 5_000, retryDelay = 50 } = PLAN;
const seen = { creates: 0, tenants: [] as string[], atOnce: 0, most: 0, order: [] as string[], idle: "" };

async function create(): Promise<number> {
  const nth = ++seen.creates;
  await sleep(createMs);
  if (nth <= failures) throw new Error("no database");
  return nth;
}

const db = lazy(create, { name: "db", within, retryDelay });

const tenants: DynamicApp<{ tenant: string }, [Env, Context]> = dynamicApp({
  config: (request: object, _env: Env, _context: Context) => ({
    tenant: new URL((request as Request).url).searchParams.get("tenant") ?? "",
  }),
  async create({ tenant }) {
    seen.tenants.push(tenant);
    await sleep(createMs);
    return async (_request: object, env: Env): Promise<Response> => {
      const pong = await pongOf(env);
      let current: string;
      try {
        current = tenants.current().tenant;
      } catch (error) {
        current = String(error);
      }
      return Response.json({ tenant, current, pong });
    };
  },
  within,
});

const serial = serialize(async (request: object, env: Env) => {
  seen.most = Math.max(seen.most, ++seen.atOnce);
  const { searchParams } = new URL((request as Request).url);
  seen.order.push(searchParams.get("nth") ?? "");
  await sleep(createMs);
  const pong = await pongOf(env);
  seen.atOnce--;
  return Response.json({ pong });
}, { within });

try {
  dynamicApp({ config: () => 1, create: () => () => new Response(), idleMs: 1_000 });
} catch (error) {
  seen.idle = String(error);
}

/** What a request does after it has waited for another one is still its own to do. */
async function pongOf(env: Env): Promise<string> {
  return await (await env.SELF.fetch("http://worker/pong")).text();
}

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    // A request that the runtime drops, with all that it had under way.
    if (searchParams.has("die")) setTimeout(() => context.abort(new Error("dropped")), 100);
    switch (pathname) {
      case "/pong":
        return new Response("pong");
      case "/report":
        return Response.json(seen);
      // A request whose client goes away while it waits.
      case "/cancel":
        return new Response(
          await env.SELF.fetch("http://worker/", { signal: AbortSignal.timeout(100) }).then(
            String,
            ({ name }) => name,
          ),
        );
      // A request that begins the work and is answered before that is done.
      case "/leave":
        void Promise.resolve(db.get(searchParams.has("keep") ? context : undefined)).catch(() => {});
        return new Response("left");
      case "/tenant":
        return await tenants.fetch(request, env, context);
      case "/serial":
        return await serial.fetch(request, env);
    }
    try {
      return Response.json({ db: await db.get(context), pong: await pongOf(env) });
    } catch (error) {
      return new Response(String(error), { status: isNotReady(error) ? 503 : 500 });
    }
  },
};

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
