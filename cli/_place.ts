/**
 * What went wrong, and where, in one line: a reader of a terminal wants the file and the line of his own.
 * @module
 */
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const own = ["cli", "src", "platforms", "components"].map((folder) => `${root}${folder}/`);

/** The first line of an error's message. */
export function firstLine(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  const [line = ""] = stripVTControlCharacters(String(message ?? error)).split("\n");
  return line.trim() || "an error without a message";
}

/** The first file, line and column of an error that are not this program's own, where the runtime tells. */
export function placeOf(error: unknown): string | undefined {
  const { position, stack, message } = Object(error) as Record<string, unknown>;
  if (position) {
    // Bun tells so of what it cannot parse.
    const { file, line, column } = position as Record<string, unknown>;
    return `${file}:${line}:${column}`;
  }
  const text = stripVTControlCharacters(`${message ?? ""}\n${stack ?? ""}`);
  // The runtimes' own are "node:…" and "ext:…", which are no paths.
  const frames = text.matchAll(
    /(?:^|[\s(])(?:file:\/\/)?(\/[^\s()]*?|[A-Za-z]:[\\/][^()\n]*?)((?::\d+){1,2})\)?(?=\n|$)/g,
  );
  for (const [, path = "", position] of frames) {
    if (!own.some((folder) => path.startsWith(folder))) return path + position;
  }
  return undefined;
}

/** The error in one line: its kind, its message, and its place where the message does not say one. */
export function lineOf(error: unknown): string {
  const line = firstLine(error);
  const { name, code } = Object(error) as { name?: unknown; code?: unknown };
  // An error with a code says what happened; of the others, the kind is half of the message.
  const told = typeof name !== "string" || !/.Error$/.test(name) || line.startsWith(name);
  const kind = told || typeof code === "string" && name !== "SyntaxError" ? "" : `${name}: `;
  const place = placeOf(error);
  const shown = place === undefined || line.includes(place.replace(/:.*/, ""));
  return `${kind}${line}${shown ? "" : ` (${place})`}`;
}
