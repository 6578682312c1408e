/**
 * The Azure platform, and what its function app tells it.
 * @module
 */
import type { ServerlessPlatform } from "../serverless.ts";

/** The platform of Azure Functions. */
export interface AzurePlatform extends ServerlessPlatform {
  /** Leaves the end of the process to the worker, which calls `appTerminate`. */
  leaveToHost(): void;
}
