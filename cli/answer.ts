/**
 * Makes one function, of the style that the application has, that answers every request: what fails is logged, and
 * answered with 500.
 * @module
 */
import type { Fetch, NodeFetch } from "./module.ts";

/** Answers every request, by a fetch function or by Node's own objects. */
export type Answer = { readonly fetch: Fetch } | { readonly node: NodeFetch };

/** The members of Node's `ServerResponse` that are used here. */
interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  end(text: string): unknown;
  destroy(): unknown;
}

/** Takes a request that could not be answered, and why. */
export type Failed = (request: string, error: unknown) => void;

/** Makes the function that answers every request. */
export function answerBy(serve: Answer, failed: Failed): Answer {
  return "fetch" in serve
    ? { fetch: answerByFetch(serve.fetch, failed) }
    : { node: answerByNode(serve.node, failed) as NodeFetch };
}

/** Every request passes here: a response that is there costs one check, and one that is to come costs one `then`. */
function answerByFetch(fetch: Fetch, failed: Failed): Fetch {
  const fail = (request: Request, error: unknown) => {
    failed(`${request.method} ${new URL(request.url).pathname}`, error);
    return new Response("Internal Server Error", { status: 500 });
  };
  const check = (request: Request, response: Response) => {
    if (response instanceof Response) return response;
    try {
      return ownOf(response);
    } catch (error) {
      return fail(request, error);
    }
  };
  return (request, connection) => {
    try {
      const response = fetch(request, connection) as Response & Partial<Promise<Response>> | undefined;
      return typeof response?.then === "function"
        ? response.then((settled) => check(request, settled), (error) => fail(request, error))
        : check(request, response as Response);
    } catch (error) {
      return fail(request, error);
    }
  };
}

/**
 * Makes the runtime's own Response of one of a framework's class: `Deno.serve` takes no other.
 * @throws {TypeError} If it is none.
 */
function ownOf(response: Partial<Response> | null | undefined): Response {
  if (typeof response?.status !== "number") throw noResponse(response);
  const { body = null, status, statusText = "", headers = [] } = response;
  return new Response(body, { status, statusText, headers: [...headers] });
}

function noResponse(value: unknown): TypeError {
  return new TypeError(
    `The application returned ${String(value)}, expected a Response; ` +
      `a Node-style function is exported as { node: (req, res) => … }`,
  );
}

/** Wraps a function of Node's style, such as an Express application. */
function answerByNode(node: (req: never, res: never) => unknown, failed: Failed) {
  return async (request: { method?: string; url?: string }, response: NodeResponse): Promise<void> => {
    try {
      await node(request as never, response as never);
    } catch (error) {
      failed(`${request.method} ${request.url?.split("?", 1)[0]}`, error);
      if (response.headersSent) return void response.destroy();
      response.statusCode = 500;
      response.end("Internal Server Error");
    }
  };
}
