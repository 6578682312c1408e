/**
 * The buses that can be asked for a reload: a bus, or a guest with that right.
 * @module
 */
import { show } from "../../src/check.ts";
import type { Guest } from "../../src/guest.ts";
import type { Phase, Reload } from "../../src/phase.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { type FileChanges, type Hashes, OtherContentError, type Read, readFor } from "./contents.ts";

/** A bus, or a guest with the right "reload". */
export type ReloadableBus = Pick<ProcessBus, "reload"> | Pick<Guest, "request">;

/** Refuses what is neither. @throws {TypeError} Naming what it is. */
export function checkReloadable(action: string, bus: ReloadableBus): void {
  const { reload, request } = Object(bus) as Partial<ProcessBus & Guest>;
  if (typeof reload === "function" || typeof request === "function") return;
  throw new TypeError(
    `${action}: the bus is ${show(bus)}, expected a bus, or a guest with the right "reload"`,
  );
}

/** Why a component asks for a reload. */
export interface ReloadCause {
  /** The contents of its files. */
  readonly hashes: Hashes;
  /** The file that the log names. */
  readonly file: string;
  /** The change. */
  readonly what: string;
}

/** Milliseconds until a component looks again, after a reload in which its units did not agree. */
const AGAIN_MS = 250;

/** How often it does so before a reload commits: units that read different files would never agree. */
const MOST_TRIES = 4;

/** The details of a reload, as long as they may grow. */
interface OwnChanges extends FileChanges {
  readonly changedFiles: Record<string, string>;
}

/** The changes of each bus whose reload has not begun: what changes meanwhile is added to them. */
const waiting = new WeakMap<ReloadableBus, OwnChanges>();

/**
 * Asks for the reloads of one component. The details of such a reload are its `FileChanges`, so that all units of a
 * site can take the same content; those of one content become one reload.
 */
export class ReloadBy {
  readonly #bus: ReloadableBus;
  readonly #look: () => void;
  #asked: { readonly details: OwnChanges; readonly controller: AbortController } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;

  /** `look` is called when the files are to be looked at again. */
  constructor(bus: ReloadableBus, look: () => void) {
    this.#bus = bus;
    this.#look = look;
  }

  /** Asks for a reload, and says why. The bus logs what a reload is refused for. */
  ask(log: Phase["log"], { hashes, file, what }: ReloadCause): void {
    log(`Reloads, since "${file}" ${what}`, { event: "file", file });
    const bus = this.#bus;
    // A request of a guest has no details.
    if (!("reload" in bus)) return void bus.request("reload").catch(() => {});
    const details = waiting.get(bus) ?? { changedFiles: {} };
    waiting.set(bus, details);
    Object.assign(details.changedFiles, hashes);
    const asked = this.#asked = { details, controller: new AbortController() };
    const { signal } = asked.controller;
    bus.reload(details, { signal }).catch((error) => {
      // On its way to the end, a bus reloads no more.
      if (isSuperseded(error) && !signal.aborted) this.lookAgain();
    }).finally(() => {
      this.#begin(details);
      if (this.#asked === asked) this.#asked = undefined;
    });
  }

  /**
   * Reads the files for a reload. Where this component has asked for it, that is for what they have now; else for what was
   * asked for.
   * @throws {OtherContentError} If the files have another content, also a moment later. They are looked at again then.
   */
  async read<T>(reload: Reload, paths: readonly string[], read: () => Promise<Read<T>>): Promise<Read<T>> {
    const { details } = reload;
    this.#begin(details);
    try {
      const own = this.#asked?.details;
      if (own === undefined || own !== details) return await readFor(reload, paths, read);
      const found = await read();
      Object.assign(own.changedFiles, found.hashes);
      return found;
    } catch (error) {
      if (error instanceof OtherContentError) this.lookAgain();
      throw error;
    }
  }

  #begin(details: unknown): void {
    if (waiting.get(this.#bus) === details) waiting.delete(this.#bus);
  }

  /** New content is in use: a reload that still waits to bring the very same is not needed. */
  committed(hashes: Hashes): void {
    this.#tries = 0;
    const { details, controller } = this.#asked ?? {};
    const files = Object.entries(details?.changedFiles ?? {});
    // A reload that commits cannot be given up any more, so that this withdraws none but one that waits.
    if (files.every(([path, hash]) => hashes[path] === hash)) controller?.abort();
  }

  /** Units did not agree on what they have read: has the files be looked at again, in a moment. */
  lookAgain(): void {
    if (this.#timer !== undefined || this.#tries >= MOST_TRIES) return;
    this.#tries++;
    const timer = this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, AGAIN_MS);
    timer.unref();
  }

  /** The component stops: it looks no more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Whether another reload came first, or what the bus does now is more than a reload. */
function isSuperseded(error: unknown): boolean {
  const { name, kind, errors } = Object(error) as {
    readonly name?: unknown;
    readonly kind?: unknown;
    readonly errors?: unknown;
  };
  return name === "TransitionError" && kind === "superseded" ||
    Array.isArray(errors) && errors.some(isSuperseded);
}
