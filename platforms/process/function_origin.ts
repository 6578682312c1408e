/**
 * Finds where a function was written: its package and its place in the source, as far as the runtime tells.
 * @module
 */
import { builtinModule, type InspectorSession, type ProcessLike } from "./process_like.ts";

/** Where a function was written. */
export interface Origin {
  /** The name of its package, if it is in one. */
  readonly package?: string;
  /** The file, line and column, as in a stack. */
  readonly place?: string;
}

/** Returns the origin that belongs to a place in the source. */
export function originOfPlace(place: string | undefined): Origin {
  if (place === undefined) return {};
  // The last match counts, since packages are installed within each other. Deno keeps packages in a cache, under `npm/`.
  const packages = [...place.matchAll(/(?:node_modules|\/npm\/[^/]+)\/((?:@[^/]+\/)?[^/@.][^/]*)\//g)];
  const name = packages.at(-1)?.[1];
  return { ...(name !== undefined && { package: name }), place };
}

/** Matches the lines of a stack that belong to the runtime itself. */
const OF_RUNTIME = /\((?:node:|ext:|unknown\b|native\b|internal:)|at (?:node:|ext:)/;

/** Returns the place in the source that added a listener. To be called by a listener of the event "newListener". */
export function callingPlace(): string | undefined {
  // The message, this function and its caller come first.
  const lines = (new Error("the stack").stack ?? "").split("\n").slice(3);
  const found = lines.find((line) => !OF_RUNTIME.test(line))?.trim() ?? "";
  return /\(([^()]+:\d+:\d+)\)$/.exec(found)?.[1] ?? /^at (?:async )?(\S+:\d+:\d+)$/.exec(found)?.[1];
}

/** How many times a bound function is replaced by the function that it calls. */
const DEEPEST = 5;

/**
 * Asks the runtime's inspector where a function was written. Only Node has an inspector in the process; the result is undefined
 * on Deno and Bun, and if the inspector may not be used.
 */
export function functionPlace(process: ProcessLike, listener: unknown): string | undefined {
  // Deno and Bun have the module, but their inspector does not answer.
  if ("Deno" in globalThis || "Bun" in globalThis) return undefined;
  let session: InspectorSession | undefined;
  const key = Symbol.for("sitebus.function");
  const shared = globalThis as { [key]?: unknown };
  try {
    session = new (builtinModule(process, "node:inspector").Session)();
    session.connect();
    const urls = new Map<string, string>();
    session.on("Debugger.scriptParsed", ({ params }) => {
      const { scriptId, url } = params as { readonly scriptId: string; readonly url: string };
      urls.set(scriptId, url);
    });
    ask(session, "Debugger.enable");
    shared[key] = listener;
    const expression = 'globalThis[Symbol.for("sitebus.function")]';
    let id = (ask(session, "Runtime.evaluate", { expression }) as Evaluated | undefined)?.result?.objectId;
    for (let depth = 0; id !== undefined && depth < DEEPEST; depth++) {
      const { internalProperties = [] } = (ask(session, "Runtime.getProperties", {
        objectId: id,
        ownProperties: true,
      }) ?? {}) as { readonly internalProperties?: readonly Internal[] };
      const find = (name: string) => internalProperties.find((one) => one.name === name)?.value;
      const location = find("[[FunctionLocation]]")?.value;
      if (location !== undefined) {
        const { scriptId, lineNumber, columnNumber } = location;
        return `${urls.get(scriptId) ?? "?"}:${lineNumber + 1}:${columnNumber + 1}`;
      }
      id = find("[[TargetFunction]]")?.objectId;
    }
  } catch {
    // There is no inspector, or the program may not use it.
  } finally {
    delete shared[key];
    session?.disconnect();
  }
  return undefined;
}

/** The answer of the inspector. @see https://chromedevtools.github.io/devtools-protocol/v8/Runtime/ */
interface Evaluated {
  readonly result?: { readonly objectId?: string };
}

interface Internal {
  readonly name: string;
  readonly value?: {
    readonly objectId?: string;
    readonly value?: {
      readonly scriptId: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  };
}

function ask(session: InspectorSession, method: string, parameters: object = {}): unknown {
  let answer: unknown;
  session.post(method, parameters, (_error, given) => {
    answer = given;
  });
  return answer;
}
