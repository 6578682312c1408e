/**
 * The body of a request.
 * @module
 */
import { show } from "../../src/check.ts";
import type { AskLike } from "./_node_http.ts";

/** The longest body, in bytes. */
export const LONGEST_BODY = 65_536;

/** The fields of a body, or why it cannot be used. */
export type ReadBody =
  | { readonly body: Readonly<Record<string, unknown>> }
  | { readonly status: 400 | 413; readonly error: string };

/**
 * Reads a body to its end: an object in JSON, or nothing, whatever its type is said to be, so that `curl -d` will do. What is
 * too long is not kept. Rejects where the client goes away in the middle.
 */
export async function readBody(ask: AskLike): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const isWhole = await new Promise<boolean>((resolve, reject) => {
    ask.on("data", (chunk) => {
      length += chunk.length;
      if (length <= LONGEST_BODY) chunks.push(chunk);
      // The rest is not read: the answer closes the connection.
      else resolve(false);
    });
    ask.on("end", () => resolve(true));
    ask.on("error", () => reject(new Error("the client went away")));
    ask.on("close", () => reject(new Error("the client went away")));
  });
  if (!isWhole) return { status: 413, error: `The body has more than ${LONGEST_BODY} bytes` };
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") return { body: {} };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { status: 400, error: "The body is no JSON" };
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    const found = Array.isArray(body) ? "a list" : show(body);
    return { status: 400, error: `The body is ${found}, expected an object` };
  }
  return { body: body as Readonly<Record<string, unknown>> };
}
