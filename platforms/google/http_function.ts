/**
 * An HTTP function of the functions framework, behind the gate of a bus.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type Invocation, type InvocationContext } from "../serverless.ts";
import { unavailable } from "../serverless/run_or_refuse.ts";
import { deadlineOn } from "./google_platform.ts";
import { closed, type ResponseLike } from "./response_like.ts";

/**
 * Makes the function that is registered with the framework: it starts the bus if it does not run, and then calls `body`.
 * The invocation is in flight until the body has settled and the response was sent. If the bus does not come to run, the
 * answer is 503. If the body throws, the framework answers by 500.
 *
 * The signal of the invocation aborts when the client goes away, and shortly before the time for `drain` is over.
 *
 * @throws {TypeError} If `body` is no function, or the platform of the bus is no serverless one.
 */
export function httpFunction<Q, S extends ResponseLike, C extends object>(
  bus: ProcessBus<C>,
  body: (request: Q, response: S, invocation: InvocationContext) => unknown,
): (request: Q, response: S) => Promise<unknown> {
  const own = gate(bus);
  checkFunction("Cannot make the HTTP function", "body", body);
  return (request, response) =>
    new Promise((resolve, reject) => {
      // An error is passed on at once, since the framework sends the response: until then the invocation is in flight.
      const whole = own.run(new HttpInvocation(response, deadlineOn(bus.platform)), async (context) => {
        try {
          resolve(await body(request, response, context));
        } catch (error) {
          reject(error);
        }
        await closed(response);
      });
      Promise.resolve(whole).catch((error) => refuse(response, error)).then(resolve, reject);
    });
}

class HttpInvocation implements Invocation {
  readonly kind = "request";
  readonly deadline: number;
  readonly #response: ResponseLike;

  constructor(response: ResponseLike, deadline: number) {
    this.#response = response;
    this.deadline = deadline;
  }

  get signal(): Signal {
    const controller = new AbortController();
    const response = this.#response;
    const abort = () => {
      if (!response.writableFinished) controller.abort(new Error("The client has gone away"));
    };
    if (response.destroyed) abort();
    else response.once("close", abort);
    return controller.signal as Signal;
  }
}

/** Answers by 503, since the body was not called. */
function refuse(response: ResponseLike, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, text } = unavailable(error);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(text);
}
