/**
 * A function from Request to Response, behind the gate of a bus.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import { runOrRefuse, type Unavailable } from "../serverless/run_or_refuse.ts";
import { refuseByResponse, type RequestLike } from "../serverless/web_invocation.ts";
import { fetchInvocation, type FetchPlatform } from "./fetch_platform.ts";

/**
 * Makes the function that the host calls: it starts the bus if it does not run, and then calls `body` with what the host
 * passed and the invocation's context. If the bus does not come to run, the answer is 503. The invocation is in flight
 * until the body has settled, and on Deno until the answer was sent; hold an answer that streams longer by
 * `invocation.waitUntil(finished)`.
 *
 * @throws {TypeError} If `body` is no function, or the platform of the bus is no serverless one.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { edge, fetchFunction } from "@sitebus/sitebus/fetch";
 *
 * const bus = new ProcessBus({ platform: edge() });
 * const greeting = bus.use({ name: "greeting", start: () => "Hello" });
 *
 * const answer = fetchFunction(bus, (request: Request) => new Response(`${greeting.value} ${request.url}`));
 * console.log(await (await answer(new Request("http://localhost/you"))).text()); // Hello http://localhost/you
 * ```
 */
export function fetchFunction<Q extends RequestLike, H, R, C extends object>(
  bus: ProcessBus<C>,
  body: (request: Q, host: H, invocation: InvocationContext) => R | Promise<R>,
): (request: Q, host?: H) => R | Promise<R> {
  const own = gate(bus);
  checkFunction("Cannot make the fetch function", "body", body);
  const { invocation = fetchInvocation, sent } = bus.platform as Partial<FetchPlatform>;
  const run = runOrRefuse<R>(own, refuseByResponse as (answer: Unavailable) => R);
  if (sent) {
    return (request, host) =>
      run(invocation(request, host), (context) => {
        const sending = sent(host);
        // The host tells of an answer that could not be sent.
        if (sending) context.waitUntil(sending.catch(() => {}));
        return body(request, host as H, context);
      });
  }
  return (request, host) => run(invocation(request, host), (context) => body(request, host as H, context));
}
