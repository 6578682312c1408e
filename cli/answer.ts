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

function answerByFetch(fetch: Fetch, failed: Failed): Fetch {
  return (request) => {
    const fail = (error: unknown) => {
      failed(`${request.method} ${new URL(request.url).pathname}`, error);
      return new Response("Internal Server Error", { status: 500 });
    };
    try {
      const response = fetch(request);
      return "then" in Object(response)
        ? (response as Promise<Response>).then(checked).catch(fail)
        : checked(response as Response);
    } catch (error) {
      return fail(error);
    }
  };
}

function checked(response: Response): Response {
  // By its form: a framework may bring a class of its own.
  if (typeof (response as Partial<Response> | null | undefined)?.status === "number") return response;
  throw new TypeError(
    `The application returned ${String(response)}, expected a Response; ` +
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
