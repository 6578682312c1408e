// What lazy values, applications by configuration and the global lock cost, each beside what is compared with it.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import process from "node:process";
import { dynamicApp, lazy, serialize } from "../../components/lazy.ts";
import { nsPerAwaitedCall, nsPerCall, printMeasured } from "./_time.ts";

/** The row of a tenant, as a database gives it. */
const row = {
  tenant: "ada",
  locale: "en",
  db: { host: "db1.internal", port: 5432, pool: { min: 1, max: 10 } },
  features: ["cart", "search", "invoices"],
  limits: { perSecond: 100, burst: 200 },
  theme: null,
  beta: false,
};

/** One with more to tell, as most have. */
const wide = {
  ...row,
  mail: {
    host: "smtp.internal",
    port: 587,
    from: "shop@ada.example",
    retries: 3,
  },
  payment: {
    provider: "bank",
    currency: "EUR",
    methods: ["card", "transfer", "invoice"],
    test: false,
  },
  urls: {
    home: "https://ada.example/",
    help: "https://help.ada.example/en/",
    terms: "https://ada.example/terms",
  },
  colours: {
    primary: "#204060",
    accent: "#ffcc00",
    text: "#111111",
    background: "#ffffff",
  },
};

const ROUNDS = 5;
const AT_ONCE = 10;

const answer = new Response("ok");
const request = {
  url: "http://ada.example/",
  signal: undefined,
} as unknown as Request;

const value = lazy(() => answer);
value.get();

const apps = dynamicApp({ config: () => row, create: () => () => answer });
await apps.fetch(request);
const wideApps = dynamicApp({ config: () => wide, create: () => () => answer });
await wideApps.fetch(request);

// The application that is not to be called twice at once takes a turn of the microtasks.
const app = async () => {
  await null;
  return answer;
};
const serial = serialize(app);

let last: Promise<unknown> = Promise.resolve();
/** The lock as it is written by hand. */
function chained(): Promise<Response> {
  const next = last.then(app, app);
  last = next.then(() => {}, () => {});
  return next;
}

function burst(
  call: () => Response | Promise<Response>,
): () => Promise<unknown> {
  return () => Promise.all(Array.from({ length: AT_ONCE }, call));
}

const candidates: Readonly<Record<string, () => number | Promise<number>>> = {
  get: () => nsPerCall(() => value.get()),
  stringify: () => nsPerCall(() => JSON.stringify(row)),
  hit: () => nsPerCall(() => apps.fetch(request)),
  stringifyWide: () => nsPerCall(() => JSON.stringify(wide)),
  hitWide: () => nsPerCall(() => wideApps.fetch(request)),
  chain: () => nsPerAwaitedCall(chained),
  serialize: () => nsPerAwaitedCall(() => serial.fetch(request)),
  chainBurst: async () => await nsPerAwaitedCall(burst(chained)) / AT_ONCE,
  serializeBurst: async () => await nsPerAwaitedCall(burst(() => serial.fetch(request))) / AT_ONCE,
};

const found: Record<string, number> = {};
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, measure] of Object.entries(candidates)) {
    found[name] = Math.min(found[name] ?? Infinity, await measure());
  }
}
printMeasured({ ...found, grownKb: await grownKb() });

/** How much more memory there is in use after 10,000 configurations than after 1,000, where 100 are kept. */
async function grownKb(): Promise<number> {
  let nth = 0;
  const many = dynamicApp({
    config: () => ({ ...row, nth: nth++ }),
    create: () => () => answer,
    max: 100,
  });
  const ask = async (until: number) => {
    while (nth < until) await many.fetch(request);
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await ask(1_000);
  return Math.max(0, (await ask(10_000) - before) / 1024);
}

/** Collects garbage, so that what is left is in use. */
function collect(): void {
  const { Bun } = globalThis as { Bun?: { gc(sync: boolean): void } };
  if (Bun) return Bun.gc(true);
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
