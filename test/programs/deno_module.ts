// A module that `deno serve` serves, as Deno Deploy does, with the component of _database.ts.
import { ProcessBus } from "../../mod.ts";
import { denoDeploy, fetchFunction, type ServerlessChannels } from "../../platforms/fetch.ts";
import { sleep, useDatabase } from "./_database.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus<ServerlessChannels>({ name: "module", platform: denoDeploy({ retryDelay: 300 }) });
useDatabase(bus);
bus.subscribe("drain", ({ reason }) => print(`drain by ${reason.name}, ${reason.leftMs} ms`));
bus.subscribe("flush", () => print("flush"));

/** Responds at once with a body of five parts, each of which takes a fifth of `?ms=`. With `&endless`, the parts go on until the signal is aborted. */
const fetch = fetchFunction(bus, (request: Request, _host: unknown, { signal }) => {
  const { searchParams } = new URL(request.url);
  const ms = Number(searchParams.get("ms"));
  const endless = searchParams.has("endless");
  let part = 0;
  const body = new ReadableStream({
    async pull(controller) {
      await sleep(ms / 5);
      const isLast = endless ? signal.aborted : part === 4;
      controller.enqueue(new TextEncoder().encode(isLast && endless ? "end" : `${++part}`));
      if (isLast) controller.close();
    },
  });
  print("request");
  return new Response(body);
});

export default { fetch };
