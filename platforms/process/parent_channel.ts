/**
 * The IPC channel to the parent process, in a child that `fork`, `node:cluster`, pm2 or a similar program made.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/** Lets the process end although the channel is open and has listeners. Until then messages can still be sent. */
export function releaseParentChannel(process: ProcessLike): void {
  process.channel?.unref?.();
}
