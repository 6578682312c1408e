/**
 * Finds out which files have changed since they were loaded.
 * @module
 */
import type { LoadedFile } from "../units.ts";
import { chokidarWatch } from "./chokidar_watch.ts";
import { type FileWatch, FolderWatch } from "./folder_watch.ts";
import { hashOf } from "./loaded_here.ts";

/** How changes are found. */
export interface ChangesOptions {
  /** Milliseconds in which nothing happens before the files are looked at. */
  readonly settleMs: number;
  /** Called with the files whose contents have changed. Not called again before the promise settles. */
  changed(files: readonly string[]): Promise<unknown>;
  /** A folder cannot be watched. */
  failed(folder: string, error: unknown): void;
}

/** The files are looked at so long after the first event at most, where events never end, in milliseconds. */
const AT_MOST_MS = 1000;

/** Files, and what was in them when they were loaded. */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #hashes = new Map<string, string>();
  #watch: FileWatch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;
  #isTelling = false;
  #isOpen = false;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** The files that are watched. */
  get files(): readonly string[] {
    return [...this.#hashes.keys()];
  }

  /** A file was loaded, with this in it. */
  add({ path, hash }: LoadedFile): void {
    this.#hashes.set(path, hash);
    // It may have changed since, before its folder was watched.
    if (this.#isOpen) this.#settle();
  }

  /** Watches these alone from now on. */
  keep(wanted: ReadonlySet<string>): void {
    for (const path of this.#hashes.keys()) {
      if (!wanted.has(path)) this.#hashes.delete(path);
    }
    if (this.#isOpen) this.#settle();
  }

  /** Begins to watch: by chokidar where it is installed, else by the runtime. Deno's own watch needs no help. */
  open(): void {
    const options = { changed: () => this.#settle(), failed: this.#options.failed };
    const chokidar = "Deno" in globalThis ? undefined : chokidarWatch(options);
    this.#watch = chokidar ?? new FolderWatch(options);
    this.#isOpen = true;
    this.#settle();
  }

  /** Watches nothing any more. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#watch?.close();
  }

  #settle(): void {
    if (!this.#isOpen || this.#isTelling) return;
    const now = performance.now();
    if (this.#timer === undefined) this.#since = now;
    clearTimeout(this.#timer);
    const wait = Math.max(0, Math.min(this.#options.settleMs, this.#since + AT_MOST_MS - now));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, wait);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#watch?.follow(this.#hashes.keys());
    const changed = [...this.#hashes].flatMap(([path, before]) => {
      const hash = hashOf(path);
      if (hash === before) return [];
      this.#hashes.set(path, hash);
      return [path];
    });
    if (changed.length === 0) return;
    this.#isTelling = true;
    await this.#options.changed(changed).catch(() => {});
    this.#isTelling = false;
    // Changes that came meanwhile.
    this.#settle();
  }
}
