/**
 * An error in the form of Lambda's Runtime API.
 * @module
 */
import { textOf } from "../../src/errors.ts";

/** The report of an error for the host. */
export interface ToldError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** Makes the report of a thrown value for the host. */
export function toldError(thrown: unknown): ToldError {
  const error: { readonly name: unknown; readonly message: unknown; readonly stack?: unknown } =
    thrown instanceof Error ? thrown : new Error(textOf(thrown));
  const { name, message, stack } = error;
  return {
    errorType: typeof name === "string" && name !== "" ? name : "Error",
    errorMessage: textOf(message),
    stackTrace: typeof stack === "string" ? stack.split("\n").slice(1) : [],
  };
}

/** The type, with the characters that a header may have. */
export function typeHeader({ errorType }: Pick<ToldError, "errorType">): string {
  return errorType.replace(/[^\x21-\x7e]/g, "?");
}

/** The whole error as a header: JSON in Base64. `btoa` takes Latin-1 alone, so other characters are escaped. */
export function errorHeader(told: Partial<ToldError>): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return btoa(JSON.stringify(told).replace(/[^\0-\x7f]/g, escaped));
}
