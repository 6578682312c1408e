/**
 * The status page.
 * @module
 */
import type { ReplyLike } from "./_node_http.ts";
import type { Door, RouteParts } from "./door.ts";

export function sendSignIn(_reply: ReplyLike, _basic: boolean): void {
}

export async function sendPage(
  _reply: ReplyLike,
  _: { parts: RouteParts; door: Door; part: string | null },
): Promise<void> {
}
