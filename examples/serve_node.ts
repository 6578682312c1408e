/**
 * A Node-style application, as Express and its kin are: `npx sitebus serve examples/serve_node.ts`. It is exported
 * as `node`, since a function alone does not tell that it wants Node's request and response. Runs on Deno and Bun too.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Content-Type", "application/json");
  response.end(`${JSON.stringify({ method: request.method, url: request.url })}\n`);
}

export default { node: answer };
