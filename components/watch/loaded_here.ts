/**
 * The files that this process or thread loads: a list that the hooks of the runtime add to as it loads them.
 * @module
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadedFile } from "../units.ts";

/** Takes a file as it is loaded. */
type Listener = (file: LoadedFile) => void;

const files = new Map<string, LoadedFile>();
const listeners = new Set<Listener>();
let hooked: boolean | undefined;

/** A hash of what is in a file; "" where it cannot be read. */
export function hashOf(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("base64");
  } catch {
    return "";
  }
}

/**
 * Calls `listener` with every file that this process has loaded since the hooks are set, and with each further one before it is
 * loaded. What is in a node_modules folder does not count. Returns the undo.
 */
export function followLoaded(listener: Listener): () => void {
  tellsLoaded();
  for (const file of files.values()) listener(file);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Adds a file that is read in another way than by an import, or that is looked for. */
export function noteLoaded(path: string): void {
  if (/[\\/]node_modules[\\/]/.test(path) || files.has(path)) return;
  const file = { path, hash: hashOf(path) };
  files.set(path, file);
  for (const listener of listeners) listener(file);
}

/** Sets the hooks of the runtime, once; returns whether it has such hooks. */
export function tellsLoaded(): boolean {
  return hooked ??= hookBun() || hookNode();
}

function note(url: string): void {
  if (url.startsWith("file:")) noteLoaded(fileURLToPath(url.replace(/[?#].*$/, "")));
}

/** The members of the hooks of Node and Deno that are used here. @see https://nodejs.org/api/module.html#moduleregisterhooksoptions */
interface HookingModule {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: { readonly parentURL?: string },
      next: (specifier: string, context: object) => { readonly url: string },
    ): { readonly url: string };
    load?(url: string, context: object, next: (url: string, context: object) => unknown): unknown;
  }): unknown;
}

function hookNode(): boolean {
  const { registerHooks } = nodeModule as unknown as HookingModule;
  if (registerHooks === undefined) return false;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        const found = next(specifier, context);
        note(found.url);
        return found;
      } catch (error) {
        noteTried(specifier, context.parentURL);
        throw error;
      }
    },
    // Without it, Deno resolves what modules import by itself.
    ..."Deno" in globalThis && { load: (url, context, next) => next(url, context) },
  });
  return true;
}

/** A module that is not there will be, one day. */
function noteTried(specifier: string, parent: string | undefined): void {
  if (!/^(\.{0,2}\/|file:)/.test(specifier)) return;
  try {
    note(new URL(specifier, parent).href);
  } catch {
    // Its parent has no address.
  }
}

/** The members of Bun that are used here. @see https://bun.com/docs/runtime/plugins */
interface BunLike {
  resolveSync(specifier: string, folder: string): string;
  plugin(plugin: {
    readonly name: string;
    setup(builder: {
      onResolve(
        options: { readonly filter: RegExp },
        resolved: (args: { readonly path: string; readonly importer: string }) => undefined,
      ): void;
    }): void;
  }): void;
}

function hookBun(): boolean {
  const { Bun } = globalThis as { readonly Bun?: BunLike };
  if (Bun === undefined) return false;
  let isResolving = false;
  Bun.plugin({
    name: "sitebus",
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, ({ path, importer }) => {
        // Its own `resolveSync` asks here, too.
        if (isResolving) return undefined;
        isResolving = true;
        try {
          const found = Bun.resolveSync(path, importer === "" ? "." : dirname(importer));
          if (isAbsolute(found)) noteLoaded(found);
        } catch {
          if (/^\.{0,2}\//.test(path)) noteLoaded(resolve(dirname(importer), path));
        } finally {
          isResolving = false;
        }
        return undefined;
      });
    },
  });
  return true;
}
