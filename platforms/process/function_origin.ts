/**
 * Where a function comes from: the package and the place in its source, as far as the runtime tells.
 * @module
 */
import { builtinModule, type InspectorSession, type ProcessLike } from "./process_like.ts";

/** Where a function comes from. */
export interface Origin {
  /** The package that has it, where it is in one. */
  readonly package?: string;
  /** The file, line and column, as in a stack. */
  readonly place?: string;
}

/** The origin that a place in a source has. */
export function originOfPlace(place: string | undefined): Origin {
  if (place === undefined) return {};
  // The last one counts, since packages are installed in each other. Deno has its packages in a cache of its own.
  const packages = [...place.matchAll(/(?:node_modules|\/npm\/[^/]+)\/((?:@[^/]+\/)?[^/@.][^/]*)\//g)];
  const name = packages.at(-1)?.[1];
  return { ...(name !== undefined && { package: name }), place };
}

/** The runtime's own functions in a stack. */
const OF_RUNTIME = /\((?:node:|ext:|unknown\b|native\b|internal:)|at (?:node:|ext:)/;

/** The place that called into the event emitter which now calls the caller of this function. */
export function callingPlace(): string | undefined {
  // The message, this function and its caller come first.
  const lines = (new Error("the stack").stack ?? "").split("\n").slice(3);
  const found = lines.find((line) => !OF_RUNTIME.test(line))?.trim() ?? "";
  return /\(([^()]+:\d+:\d+)\)$/.exec(found)?.[1] ?? /^at (?:async )?(\S+:\d+:\d+)$/.exec(found)?.[1];
}

/** How many bound functions are looked through. */
const DEEPEST = 5;

/**
 * Where a function was written, by the runtime's inspector: Node has one in the process; undefined on Deno and Bun, and
 * where it may not be used.
 */
export function functionPlace(process: ProcessLike, listener: unknown): string | undefined {
  // Deno and Bun have the module, and answer nothing.
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
    // There is no inspector, or it is not allowed.
  } finally {
    delete shared[key];
    session?.disconnect();
  }
  return undefined;
}

/** What the inspector answers with. @see https://chromedevtools.github.io/devtools-protocol/v8/Runtime/ */
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
