// Functions for the functions framework, with the component of _database.ts. GRACE_MS, THAW_MS: options of the platform;
// EAGER: the bus starts while the module is loaded; FOREIGN: other code listens for SIGTERM.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import {
  cloudEventFunction,
  google,
  httpFunction,
  type ResponseLike,
  type ServerlessChannels,
} from "../../platforms/google.ts";
import { sleep, useDatabase } from "./_database.ts";
import { print } from "./_print.ts";

const { GRACE_MS = "10000", THAW_MS = "1000", EAGER, FOREIGN } = process.env;

const bus = new ProcessBus<ServerlessChannels>({
  name: "functions",
  platform: google({ graceMs: Number(GRACE_MS), thawAfterMs: Number(THAW_MS), retryDelay: 300 }),
});
const db = useDatabase(bus);
bus.subscribe("signal", ({ name }) => print(`signal ${name}`));
bus.subscribe("drain", () => print("drain"));
bus.subscribe("flush", () => print("flush"));
bus.subscribe("thaw", (gapMs) => print(`thaw ${gapMs}`));
if (FOREIGN !== undefined) process.on("SIGTERM", function somebodyElse() {});
if (EAGER !== undefined) await bus.start();

interface Request {
  readonly query: { readonly ms?: string };
}

interface Response extends ResponseLike {
  json(body: unknown): void;
}

/** Responds after the milliseconds of `?ms=100`; with `?ms=later100`, after the function has returned. */
export const http = httpFunction(bus, async (request: Request, response: Response, { signal }) => {
  print("request");
  const aborted = () => print(`aborted: ${signal.reason.message}`);
  if (signal.aborted) aborted();
  else signal.addEventListener("abort", aborted);
  const answer = () => response.json({ starts: db.starts });
  const { ms = "0" } = request.query;
  if (ms === "throw") throw new Error("the body fails");
  if (ms.startsWith("later")) setTimeout(answer, Number(ms.slice(5)));
  else await sleep(Number(ms)).then(answer);
});

/** Takes as many milliseconds as the data of the event says. */
export const event = cloudEventFunction(bus, async (event: { id: string; data?: { ms: number } }) => {
  print(`event ${event.id}`);
  await sleep(event.data?.ms ?? 0);
  print(`event ${event.id} is done`);
});
