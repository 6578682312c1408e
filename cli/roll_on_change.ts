/**
 * `--reload` of `sitebus serve --workers`: its workers are replaced when a file changes that they read at their start.
 * @module
 */
import type { ComponentHandle, ProcessBus } from "../mod.ts";
import { hashOf } from "../components/reload/contents.ts";
import { readText } from "../components/reload/read_text.ts";
import { watchFiles } from "../components/reload/watch_files.ts";
import type { Pool } from "../components/units.ts";

/** Milliseconds after which the files are looked at in any case, for disks that tell of no changes. */
const POLL_MS = 60_000;

/** Rolls the pool when the content of one of the files changes. What the new workers cannot use ends the roll. */
export function rollOnChange(bus: ProcessBus, web: ComponentHandle<Pool>, paths: readonly string[]): void {
  let seen: string | undefined;
  const read = async () => {
    const texts = await Promise.all(paths.map((path) => readText(`Cannot read "${path}"`, path)));
    return hashOf(texts.join("\0"));
  };
  const look = async () => {
    // A file may be gone for a moment.
    const hash = await read().catch(() => seen);
    if (hash === seen) return;
    seen = hash;
    bus.log("Rolls the workers, since a file has changed", { event: "file", files: paths });
    await bus.wait("run").then(() => web.value.roll()).catch(() => {
      // The pool has said so, or the bus stops.
    });
  };
  bus.use({
    name: "files",
    async start({ log }) {
      seen = await read();
      return watchFiles(paths, {
        pollMs: POLL_MS,
        changed: () => void look(),
        failed: (message, error) => log(message, { level: "warn", event: "file", error }),
      });
    },
    stop: (unwatch) => unwatch(),
  });
}
