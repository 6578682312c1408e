/**
 * A unit, as its site sees it: a thread, a child process or a task, from its real start to its real end.
 * @module
 */
import type { State } from "../../src/states.ts";
import type { LoadedFile } from "./protocol.ts";

/** One thread, process or task. */
export interface Unit {
  /** A number that no other unit of this site has or will have. */
  readonly id: number;
  /** The pool and the slot, such as "web/3". During a roll two units have the same name. */
  readonly name: string;
  /** The kind of unit. */
  readonly kind: "process" | "thread" | "task";
  /** When it was started, in milliseconds since 1970. */
  readonly since: number;
  /** The id of its process; undefined where it has none of its own. */
  readonly pid?: number;
  /**
   * Where its bus stands. `spawned`: its bus has said nothing yet, or it has none. `ended`: it is really gone. `unknown`: it
   * was ended by force, and the runtime does not tell the truth about that (a thread of Deno in synchronous code).
   */
  readonly state: State | "spawned" | "ended" | "unknown";
  /** The generation of the settings that it runs with: the last reload that it committed, or that it started with. */
  readonly generation: number;
  /** Resolves when its bus runs and has settled; rejects where it ends before. May be dropped. */
  readonly ready: Promise<void>;
  /** Resolves at its real end. Never rejects. */
  readonly ended: Promise<UnitEnd>;
}

/** How a unit ended. */
export interface UnitEnd {
  /**
   * `asked`: its site asked it to. `recycled`: its time, its memory or its count of connections was used up. `failed`:
   * nobody asked it to. `killed`: its site ended it by force.
   */
  readonly why: "asked" | "recycled" | "failed" | "killed";
  /** Its exit code, where it has one. */
  readonly code?: number;
  /** The signal that ended its process. */
  readonly signal?: string;
  /** Milliseconds from its start to its end. */
  readonly ms: number;
}

/** The channels of a site that tell of its units. */
export interface UnitChannels {
  /** A unit is ready. */
  "unit:start": [unit: Unit];
  /** A unit that was ready is really gone. */
  "unit:stop": [unit: Unit, end: UnitEnd];
  /** A unit that tells what it loads (`tellLoaded` of sitebus/watch) has loaded files, or looked for them in vain. */
  "unit:loaded": [unit: Unit, files: readonly LoadedFile[]];
}
