/**
 * The answer to a request that cannot be served now.
 * @module
 */
import { unavailable } from "../../platforms/serverless/unavailable.ts";
import type { WebResponse } from "./web_app.ts";

/** Answers by 503, with `Retry-After` where another try is worth it. @throws Whatever is no `NotReadyError`. */
export function refusal(error: unknown): WebResponse {
  const { text, status, headers } = unavailable(error);
  return new Response(text, { status, headers });
}
