/**
 * The words that run a Windows program under Wine.
 * @module
 */
import { join } from "node:path";
import { root } from "../tools.ts";

/** Where all that a Windows program sees is, on Linux. */
export interface WinePlaces {
  /** The folder that `makeWineRoot` made. */
  readonly wine: string;
  /** C: and the registry, written to. */
  readonly prefix: string;
  /** The repository, `Z:\w`. */
  readonly repository: string;
  /** The `node_modules` that koffi is in. */
  readonly koffi: string;
  /** The folder of this run, `Z:\run`. */
  readonly run: string;
}

/** The command; the Windows program and its arguments are to follow. See `wine.sh`. */
export function underWine(places: WinePlaces): [file: string, ...args: string[]] {
  const { wine, prefix, repository, koffi, run } = places;
  const script = join(root, "scripts/windows/wine.sh");
  // The kernel ends a pid namespace with its first process.
  const alone = ["--mount", "--pid", "--fork", "--kill-child"];
  return ["unshare", ...alone, "bash", script, wine, prefix, repository, koffi, run];
}
