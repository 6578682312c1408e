/**
 * Tells when files may have changed.
 * @module
 */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { checkMs } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";

/** How files are watched. */
export interface WatchFilesOptions {
  /** Milliseconds after which they are looked at in any case, for disks that tell of no changes. */
  readonly pollMs: number;
  /** Called when they may have changed, but not while one is being written, where that is quickly done. */
  readonly changed: () => void;
  /** Called once where a folder cannot be watched, so that the files are only looked at from time to time. */
  readonly failed: (message: string, error: unknown) => void;
}

/** Refuses a time that would keep the process busy. @throws {RangeError} Naming the action. */
export function checkPollMs(action: string, pollMs: number | undefined): void {
  if (pollMs !== undefined && checkMs(action, "pollMs", pollMs) < LEAST_POLL_MS) {
    throw new RangeError(`${action}: "pollMs" is ${pollMs}, expected milliseconds from ${LEAST_POLL_MS}`);
  }
}

const LEAST_POLL_MS = 10;

/** Milliseconds in which nothing happens before `changed` is called. */
const SETTLE_MS = 50;

/** The longest that the call is put off where something happens all the time. */
const AT_MOST_MS = 500;

/**
 * Watches the folders of files: a watch on a file itself sees nothing any more once the file was replaced. Each look from
 * time to time watches the folders anew, in case that these were replaced, too. Keeps no process alive. Returns the way to
 * end it.
 */
export function watchFiles(paths: readonly string[], options: WatchFilesOptions): () => void {
  const { pollMs, changed, failed } = options;
  const folders = new Set(paths.map(dirname));
  const names = new Set(paths.map((path) => basename(path)));
  let watchers: FSWatcher[] = [];
  let settling: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  let hasFailed = false;

  const fail = (folder: string, error: unknown) => {
    if (hasFailed) return;
    hasFailed = true;
    failed(
      `Cannot watch the folder "${folder}", which is looked at every ${pollMs} ms: ${textOf(error)}`,
      error,
    );
  };
  const settle = () => {
    const now = performance.now();
    if (settling === undefined) since = now;
    clearTimeout(settling);
    settling = unref(setTimeout(() => {
      settling = undefined;
      changed();
    }, Math.max(0, Math.min(SETTLE_MS, since + AT_MOST_MS - now))));
  };
  const close = () => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  const open = () => {
    close();
    for (const folder of folders) {
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          // What Kubernetes swaps is a link beside them, "..data".
          if (name === null || names.has(name) || name.startsWith("..")) settle();
        });
        watcher.on("error", (error) => fail(folder, error));
        // Deno minds this alone.
        watcher.unref();
        watchers.push(watcher);
      } catch (error) {
        fail(folder, error);
      }
    }
  };

  open();
  const polling = unref(setInterval(() => {
    open();
    changed();
  }, pollMs));
  return () => {
    close();
    clearTimeout(settling);
    clearInterval(polling);
  };
}

function unref<T extends { unref(): unknown }>(timer: T): T {
  timer.unref();
  return timer;
}
