// A function at the edge, for edge-runtime, which has no process and no modules of Node. It fails to start as often as
// the global FAIL says, and logs to the array of the same name.
import { ProcessBus } from "../../mod.ts";
import { edge, fetchFunction, type ServerlessChannels } from "../../platforms/fetch.ts";

interface EdgeGlobals {
  readonly FAIL: number;
  readonly log: string[];
  addEventListener(type: "fetch", listener: (event: EdgeEvent) => void): void;
}

interface EdgeEvent {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
}

const { FAIL, log, addEventListener } = globalThis as unknown as EdgeGlobals;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const bus = new ProcessBus<ServerlessChannels>({ name: "edge", platform: edge({ retryDelay: 200 }) });
let starts = 0;
const rates = bus.use({
  name: "rates",
  async start() {
    log.push(`start ${++starts}`);
    await sleep(200);
    if (starts <= FAIL) throw new Error("no rates");
    return { eur: 1.1 };
  },
});
bus.subscribe("flush", async () => {
  await sleep(100);
  log.push("flush");
});
bus.subscribe("log", ({ level, message }) => level === "error" && log.push(message));

const answer = fetchFunction(bus, (_request: Request, event: EdgeEvent) => {
  event.waitUntil(sleep(10).then(() => log.push("the event's own work")));
  return Response.json({ rates: rates.value, starts });
});

addEventListener("fetch", (event) => event.respondWith(answer(event.request, event)));
