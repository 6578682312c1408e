// A module that `deno serve` serves, as Deno Deploy does. START_MS: how long the start takes; FAIL: how many
// starts fail.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { denoDeploy, fetchFunction, type ServerlessChannels } from "../../platforms/fetch.ts";
import { print } from "./_print.ts";

const { START_MS = "0", FAIL = "0" } = process.env;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const bus = new ProcessBus<ServerlessChannels>({ name: "module", platform: denoDeploy({ retryDelay: 300 }) });
let starts = 0;
bus.use({
  name: "db",
  async start() {
    print(`start ${++starts}`);
    await sleep(Number(START_MS));
    if (starts <= Number(FAIL)) throw new Error("no database");
  },
  stop: () => print("stopped"),
});
bus.subscribe("drain", ({ reason }) => print(`drain by ${reason.name}, ${reason.leftMs} ms`));
bus.subscribe("flush", () => print("flush"));

/** Answers at once, with a body of five parts, each of which takes a fifth of `?ms=`. */
const fetch = fetchFunction(bus, (request: Request) => {
  const ms = Number(new URL(request.url).searchParams.get("ms"));
  let part = 0;
  const body = new ReadableStream({
    async pull(controller) {
      await sleep(ms / 5);
      controller.enqueue(new TextEncoder().encode(`${++part}`));
      if (part === 5) controller.close();
    },
  });
  print("request");
  return new Response(body);
});

export default { fetch };
