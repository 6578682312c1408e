/**
 * An application, as a function from Request to Response, that the tests of its servers ask for all kinds of answers.
 * @module
 */
import { requestSignal } from "../../../components/http.ts";
import { sleep } from "../../spawn.ts";

/** Answers a request; `more` is what the runtime tells with it. */
export type App = (request: Request, more: never) => unknown;

const encoder = new TextEncoder();

/** `/slow?300` answers after so long, `/stream?300` begins at once and ends after so long; all else is quick. */
export const app: App = async (request) => {
  const { pathname, search } = new URL(request.url);
  const ms = Number(search.slice(1));
  if (pathname === "/slow") await sleep(ms);
  if (pathname === "/never") await new Promise(() => {});
  if (pathname === "/body") return new Response(`got ${(await request.text()).length}`);
  if (pathname === "/redirect") return Response.redirect("http://localhost/elsewhere");
  if (pathname === "/stream") return new Response(stream({ ms, signal: undefined }));
  if (pathname === "/events") return new Response(stream({ ms: 60_000, signal: requestSignal(request) }));
  if (pathname === "/sse") {
    const headers = { "content-type": "text/event-stream" };
    return new Response(stream({ ms: 60_000, signal: requestSignal(request) }), { headers });
  }
  if (pathname === "/large") return new Response(large());
  return new Response(`done ${pathname}`);
};

function stream({ ms, signal }: { ms: number; signal: AbortSignal | undefined }): ReadableStream {
  let timer: ReturnType<typeof setTimeout>;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode("begun "));
      const end = () => {
        clearTimeout(timer);
        controller.enqueue(encoder.encode("ended"));
        controller.close();
      };
      timer = setTimeout(end, ms);
      signal?.addEventListener("abort", end);
    },
    cancel: () => clearTimeout(timer),
  });
}

/** More than the buffers of a connection take. */
function large(): ReadableStream {
  let chunks = 1000;
  return new ReadableStream({
    pull(controller) {
      if (chunks-- === 0) controller.close();
      else controller.enqueue(new Uint8Array(65_536));
    },
  });
}
