/**
 * The channel to the parent process, in a child that was made by `fork`, `node:cluster`, pm2 and their kin.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/** Lets the process end although the channel is open and listened on; messages can still be sent until then. */
export function releaseParentChannel(process: ProcessLike): void {
  process.channel?.unref?.();
}
