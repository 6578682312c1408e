/**
 * Watches the folders of files, also of those that are not there yet.
 * @module
 */
import { existsSync, type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";

/** Whom a watch tells. */
export interface FileWatchOptions {
  /** Called when the files may have changed. */
  readonly changed: () => void;
  /** Called when a folder cannot be watched. */
  readonly failed: (folder: string, error: unknown) => void;
}

/** Watches a number of files. It keeps no process alive. */
export interface FileWatch {
  /** Watches these files from now on, and no others. */
  follow(paths: Iterable<string>): void;
  /** Watches nothing any more. */
  close(): void;
}

/** Watches the folders of a number of files. */
export class FolderWatch implements FileWatch {
  readonly #options: FileWatchOptions;
  /** The watchers of folders, each with what tells its folder from a later one of the same name. */
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly mark: string }>();
  #folders = new Set<string>();

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  follow(paths: Iterable<string>): void {
    this.#folders = new Set([...paths].map((path) => dirname(path)));
    this.#look();
  }

  /** Watches anew what was replaced: a folder that was taken away, or has come. */
  #look(): void {
    const wanted = new Map<string, string>();
    for (const folder of this.#folders) {
      const there = nearest(folder);
      const mark = markOf(there);
      if (mark !== undefined) wanted.set(there, mark);
    }
    for (const [folder, { watcher, mark }] of this.#watchers) {
      if (wanted.get(folder) === mark) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, mark] of wanted) {
      if (!this.#watchers.has(folder)) this.#open(folder, mark);
    }
  }

  close(): void {
    this.#folders.clear();
    this.#look();
  }

  #open(folder: string, mark: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#options.changed());
      watcher.on("error", (error) => this.#options.failed(folder, error));
      // Deno minds this alone.
      watcher.unref();
      this.#watchers.set(folder, { watcher, mark });
    } catch (error) {
      this.#options.failed(folder, error);
    }
  }
}

/** The folder, or the nearest one above it that is there. */
function nearest(folder: string): string {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? folder : nearest(above);
}

function markOf(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
