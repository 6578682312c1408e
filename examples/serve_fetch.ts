/**
 * The smallest application: a function from a request to a response. `npx sitebus serve examples/serve_fetch.ts`
 * @module
 */

/** Answers every request. */
export default function fetch(request: Request): Response {
  return new Response(`You asked for ${new URL(request.url).pathname}\n`);
}
