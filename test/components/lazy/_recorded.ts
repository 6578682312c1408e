/**
 * An application that records the order of its requests.
 * @module
 */

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const request = (path = "", signal?: AbortSignal): Request =>
  new Request(`http://127.0.0.1/${path}`, signal ? { signal } : {});

export const pathOf = (request: object): string => new URL((request as Request).url).pathname.slice(1);

/** An application that records the begin of each request as "+path", and its end as "-path". */
export function recorded(
  ms = 5,
): { readonly app: (request: object) => Promise<Response>; readonly events: string[] } {
  const events: string[] = [];
  const app = async (request: object) => {
    events.push(`+${pathOf(request)}`);
    await wait(ms);
    events.push(`-${pathOf(request)}`);
    return new Response(pathOf(request));
  };
  return { app, events };
}
