// A function for faas-js-runtime, with the component of _database.ts. GRACE_MS: the time of the pod after SIGTERM; LAZY: no
// `init`, so that the first request starts the bus; ON_START_FAILURE: the option of the bus.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { knative, knativeFunction, type ServerlessChannels } from "../../platforms/knative.ts";
import { sleep, useDatabase } from "./_database.ts";
import { print } from "./_print.ts";

const { GRACE_MS = "10000", LAZY, ON_START_FAILURE = "idle" } = process.env;

const bus = new ProcessBus<ServerlessChannels>({
  name: "function",
  onStartFailure: ON_START_FAILURE as "idle" | "exit",
  platform: knative({ graceMs: Number(GRACE_MS), retryDelay: 300 }),
});
const db = useDatabase(bus);
bus.subscribe("drain", () => print("drain"));
bus.subscribe("flush", () => print("flush"));

/** A body larger than the buffers of a connection. */
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
    if (ms === "exit") void bus.exit(3);
    if (ms === "lose") {
      bus.use({
        name: "consumer",
        start: () => {},
        run: () => Promise.reject(new Error("lost the broker")),
      });
    }
    if (ms === "crash") setTimeout(() => Promise.reject(new Error("nobody catches this")), 0);
    await sleep(Number(ms) || 0);
    return { starts: db.starts, data: data ?? "none" };
  },
);

const eager = LAZY === undefined ? init : undefined;
export { eager as init, handle, readiness, shutdown };
