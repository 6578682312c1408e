/**
 * The answer to a request that cannot be served now.
 * @module
 */
import { unavailable } from "../../platforms/serverless/run_or_refuse.ts";
import { refuseByResponse } from "../../platforms/serverless/web_invocation.ts";
import type { WebResponse } from "./web_app.ts";

/** Answers by 503, with `Retry-After` where another try is worth it. @throws Whatever is no `NotReadyError`. */
export function refusal(error: unknown): WebResponse {
  return refuseByResponse(unavailable(error));
}
