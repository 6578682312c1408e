/**
 * An error in one line, with the file and line of the application that it comes from.
 * @module
 */
import { plainText } from "./plain_text.ts";

/** The folders of this package; a bundle has none, and then every file is the application's. */
const OWN: readonly string[] = ownFolders(import.meta.url);

/**
 * The folders of the package that this module is in; `url` is the module's own. In the package on npm, this module is a
 * part of `components/_log.js`.
 */
export function ownFolders(url: string): string[] {
  try {
    const inPackage = /\/components\/_log\.js$/.test(url);
    const { protocol, pathname } = new URL(inPackage ? ".." : "../..", url);
    // A drive of Windows stands behind one more slash in a URL.
    const root = decodeURIComponent(pathname).replace(/^\/(?=[A-Za-z]:)/, "");
    return protocol === "file:"
      ? ["cli", "src", "platforms", "components"].map((one) => `${root}${one}/`)
      : [];
  } catch {
    return [];
  }
}

/** The first line of an error's message. It never throws, whatever the error is. */
export function firstLine(error: unknown): string {
  try {
    const { message } = Object(error) as { message?: unknown };
    const [line = ""] = plainText(String(message ?? error)).split("\n");
    return line.trim() || "an error without a message";
  } catch {
    return "an error that cannot be printed";
  }
}

/** The first file, line and column of an error that are not this package's own, where the runtime tells. */
function placeOf(error: unknown): string | undefined {
  const { position, stack, message } = Object(error) as Record<string, unknown>;
  if (position) {
    // Bun describes in this way what it cannot parse.
    const { file, line, column } = position as Record<string, unknown>;
    return `${file}:${line}:${column}`;
  }
  const text = plainText(`${message ?? ""}\n${stack ?? ""}`);
  // The runtimes' own are "node:…" and "ext:…", which are no paths.
  const frames = text.matchAll(
    /(?:^|[\s(])(?:file:\/\/)?(\/[^\s()]*?|[A-Za-z]:[\\/][^()\n]*?)((?::\d+){1,2})\)?(?=\n|$)/g,
  );
  for (const [, path = "", position] of frames) {
    if (!OWN.some((folder) => path.replaceAll("\\", "/").startsWith(folder))) return path + position;
  }
  return undefined;
}

/** The error in one line: its kind, its message, and its place where the message does not say one. It never throws. */
export function lineOf(error: unknown): string {
  const line = firstLine(error);
  try {
    const { name, code } = Object(error) as { name?: unknown; code?: unknown };
    // An error with a code says what happened; of the others, the kind is half of the message.
    const told = typeof name !== "string" || !/.Error$/.test(name) || line.startsWith(name);
    const kind = told || typeof code === "string" && name !== "SyntaxError" ? "" : `${name}: `;
    const place = placeOf(error);
    const shown = place === undefined || line.includes(place.replace(/:.*/, ""));
    return `${kind}${line}${shown ? "" : ` (${place})`}`;
  } catch {
    return line;
  }
}
