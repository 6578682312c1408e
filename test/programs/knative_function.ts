// A function for faas-js-runtime. START_MS, STOP_MS: how long the start and the stop take; FAIL: how many starts fail;
// GRACE_MS: what the pod has after SIGTERM; LAZY: no `init`, so that the first request starts the bus.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { knative, knativeFunction, type ServerlessChannels } from "../../platforms/fetch.ts";
import { print } from "./_print.ts";

const { START_MS = "0", STOP_MS = "0", GRACE_MS = "10000", FAIL = "0", LAZY } = process.env;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const bus = new ProcessBus<ServerlessChannels>({
  name: "function",
  platform: knative({ graceMs: Number(GRACE_MS), retryDelay: 300 }),
});
let starts = 0;
bus.use({
  name: "db",
  async start() {
    print(`start ${++starts}`);
    await sleep(Number(START_MS));
    if (starts <= Number(FAIL)) throw new Error("no database");
    print("up");
  },
  async stop() {
    print("stop");
    await sleep(Number(STOP_MS));
    print("stopped");
  },
});
bus.subscribe("drain", () => print("drain"));
bus.subscribe("flush", () => print("flush"));

/** More than the buffers of a connection hold. */
const LARGE = 30_000_000;

interface Context {
  readonly query: { readonly ms?: string };
}

const { handle, shutdown, readiness, init } = knativeFunction(
  bus,
  async ({ query }: Context, data: unknown) => {
    print("request");
    const { ms = "0" } = query;
    if (ms === "large") return "x".repeat(LARGE);
    if (ms === "throw") throw new Error("the body fails");
    if (ms === "crash") setTimeout(() => Promise.reject(new Error("nobody catches this")), 0);
    await sleep(Number(ms) || 0);
    return { starts, data: data ?? "none" };
  },
);

const eager = LAZY === undefined ? init : undefined;
export { eager as init, handle, readiness, shutdown };
