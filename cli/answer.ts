/**
 * Makes one fetch function of what an application brought: what fails is logged, and answered with 500.
 * @module
 */
import type { Application, Fetch } from "./module.ts";

/** What is used of Node's `ServerResponse`. */
interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  end(text: string): unknown;
  destroy(): unknown;
}

/** Is told of a request that could not be answered. */
export type Failed = (request: string, error: unknown) => void;

/** Makes the function that answers every request. */
export async function answerBy(serve: Application<never>["serve"], failed: Failed): Promise<Fetch> {
  return "fetch" in serve ? answerByFetch(serve.fetch, failed) : await answerByNode(serve.node, failed);
}

/** Every request passes here: a response that is there already costs a look at it, one that is to come one `then`. */
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
  return (request) => {
    try {
      const response = fetch(request) as Response & Partial<Promise<Response>> | undefined;
      return typeof response?.then === "function"
        ? response.then((settled) => check(request, settled), (error) => fail(request, error))
        : check(request, response as Response);
    } catch (error) {
      return fail(request, error);
    }
  };
}

/**
 * Makes the runtime's own Response, which is all that `Deno.serve` takes, of one of a framework's class.
 * @throws {TypeError} Where it is none.
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

/** srvx has the Node-style function speak to Node's own objects, or to ones that it makes of a request. */
async function answerByNode(node: (req: never, res: never) => unknown, failed: Failed): Promise<Fetch> {
  const { toFetchHandler } = await import("srvx/node");
  const answer = async (request: { method?: string; url?: string }, response: NodeResponse) => {
    try {
      await node(request as never, response as never);
    } catch (error) {
      failed(`${request.method} ${request.url?.split("?", 1)[0]}`, error);
      if (response.headersSent) return void response.destroy();
      response.statusCode = 500;
      response.end("Internal Server Error");
    }
  };
  return toFetchHandler(answer as never) as unknown as Fetch;
}
