/**
 * The command line that runs a Windows program under Wine.
 * @module
 */
import { join } from "node:path";
import { root } from "../tools.ts";

/** The folders on Linux that a Windows program sees. */
export interface WinePlaces {
  /** The folder that `makeWineRoot` made. */
  readonly wine: string;
  /** The folder of C: and the registry, which the program may change. */
  readonly prefix: string;
  /** The repository, `Z:\w`. */
  readonly repository: string;
  /** The `node_modules` with koffi. */
  readonly koffi: string;
  /** The folder of this run, `Z:\run`. */
  readonly run: string;
}

/** Returns the command, to which the Windows program and its arguments are appended. See `wine.sh`. */
export function underWine(places: WinePlaces): [file: string, ...args: string[]] {
  const { wine, prefix, repository, koffi, run } = places;
  const script = join(root, "scripts/windows/wine.sh");
  // When the first process of a pid namespace ends, the kernel ends all processes in it.
  const alone = ["--mount", "--pid", "--fork", "--kill-child"];
  return ["unshare", ...alone, "bash", script, wine, prefix, repository, koffi, run];
}
