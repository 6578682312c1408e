/**
 * JSON with the place of its first mistake, in the same words on every runtime, and without a word of its content.
 * @module
 */

/** Parses JSON. @throws {SyntaxError} If it is none, naming line and column. */
export function parseJson(text: string): unknown {
  // Some editors write a byte order mark.
  const json = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(json);
  } catch (cause) {
    if (json.trim() === "") throw new SyntaxError("it is empty", { cause });
    const before = json.slice(0, mistakeIn(json)).split("\n");
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
    throw new SyntaxError(`it is no JSON at ${place}`, { cause });
  }
}

// deno-lint-ignore no-control-regex -- there may be none in a string of JSON
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const TOKEN = new RegExp(`[ \\t\\r\\n]*(${STRING.source}|${NUMBER.source}|true|false|null|[[\\]{},:])?`, "y");

/** What may follow in a list or an object, by what came before. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end";

/** Where a text that is no JSON goes wrong. */
function mistakeIn(text: string): number {
  const open: ("[" | "{")[] = [];
  let expected: Expected = "value";
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const [all = "", token] = TOKEN.exec(text) ?? [];
    const begin = at + all.length - (token?.length ?? 0);
    if (token === undefined) return begin;
    const inside = open.at(-1);
    if (token === "]" || token === "}") {
      const canEnd = expected.endsWith("end") && inside === (token === "]" ? "[" : "{");
      if (!canEnd) return begin;
      open.pop();
      expected = "comma or end";
    } else if (token === "," || token === ":") {
      if (expected !== (token === "," ? "comma or end" : "colon") || !inside) return begin;
      expected = token === "," && inside === "{" ? "key" : "value";
    } else if (expected.startsWith("key")) {
      if (!token.startsWith('"')) return begin;
      expected = "colon";
    } else {
      if (!expected.startsWith("value")) return begin;
      if (token === "[" || token === "{") open.push(token);
      expected = token === "[" ? "value or end" : token === "{" ? "key or end" : "comma or end";
    }
    at += all.length;
  }
}
