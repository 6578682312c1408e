/**
 * Watches files by chokidar, where it is installed: it also looks at disks that tell of no changes, where
 * `CHOKIDAR_USEPOLLING` says so.
 * @module
 */
import { createRequire } from "node:module";
import type { FileWatch, FileWatchOptions } from "./folder_watch.ts";

/** The members of chokidar that are used here. @see https://github.com/paulmillr/chokidar */
interface ChokidarLike {
  watch(
    paths: readonly string[],
    options: { readonly ignoreInitial: boolean; readonly persistent: boolean },
  ): {
    add(paths: readonly string[]): unknown;
    unwatch(paths: readonly string[]): unknown;
    on(event: "all" | "error", listener: (event: unknown) => void): unknown;
    close(): Promise<void>;
  };
}

/** A watch by chokidar; undefined where it is not installed. */
export function chokidarWatch({ changed, failed }: FileWatchOptions): FileWatch | undefined {
  let chokidar: ChokidarLike;
  try {
    // By `require`: it is an optional peer, which no tool is to look for.
    chokidar = createRequire(import.meta.url)("chokidar") as ChokidarLike;
  } catch {
    return undefined;
  }
  // The first event of a file tells that it is watched from now on: what happened before is seen by a look at it.
  const watcher = chokidar.watch([], { ignoreInitial: false, persistent: false });
  watcher.on("all", changed);
  watcher.on("error", (error) => failed("", error));
  let followed = new Set<string>();
  return {
    follow(paths) {
      const wanted = new Set(paths);
      const gone = [...followed].filter((path) => !wanted.has(path));
      const come = [...wanted].filter((path) => !followed.has(path));
      followed = wanted;
      if (gone.length > 0) watcher.unwatch(gone);
      if (come.length > 0) watcher.add(come);
    },
    close: () => void watcher.close(),
  };
}
