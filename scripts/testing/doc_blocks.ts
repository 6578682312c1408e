/**
 * Finds the code blocks of a page, and how each is checked. A block of `ts` is run. A block of `ts ignore` or `js ignore` is
 * compiled; a comment above it may declare the names that it does not declare itself, or say why it cannot be compiled.
 * `test/examples.test.ts` replays the transcripts of terminals, unless a comment says why not.
 *
 *     <!-- given: declare const app: import("node:http").RequestListener; -->
 *     <!-- not run: jsr.io is out of reach of most machines -->
 * @module
 */

/** How a block is checked. */
export type Treatment = "run" | "compile" | "replay" | "skip" | "read";

/** One code block. */
export interface Block {
  /** The page and the number of the block's first line: `docs/http.md:21`. */
  readonly name: string;
  readonly treatment: Treatment;
  readonly code: string;
  /** Declarations that are put before the code when it is compiled. */
  readonly given: string;
  /** The reason why the block is skipped. */
  readonly why: string;
}

const TREATMENTS: Readonly<Record<string, Treatment>> = {
  "ts": "run",
  "ts ignore": "compile",
  "js ignore": "compile",
  "console": "replay",
  "": "read",
  "sh": "read",
  "json": "read",
  "yaml": "read",
  "xml": "read",
  "powershell": "read",
};

/**
 * Finds the blocks of a page.
 * @throws {Error} If the page has a block that is not closed, or a block of an unknown kind.
 */
export function blocksOf(path: string, text: string): Block[] {
  const blocks: Block[] = [];
  const pattern = /<!--([^]*?)-->|^(?: *)```(.*)\n([^]*?)^ *```$|^.*\S.*$/gm;
  let [given, why] = ["", ""];
  for (const found of text.matchAll(pattern)) {
    const [whole, comment, info, code] = found;
    if (comment !== undefined) {
      given = /^\s*given:([^]*)$/.exec(comment)?.[1]?.trim() ?? "";
      why = /^\s*not run:([^]*)$/.exec(comment)?.[1]?.trim().replace(/\s+/g, " ") ?? "";
      continue;
    }
    if (info !== undefined && code !== undefined) {
      const name = `${path}:${text.slice(0, found.index).split("\n").length + 1}`;
      const treatment = TREATMENTS[info.trim()];
      if (treatment === undefined) {
        throw new Error(`Cannot check ${name}: nothing is known of "${info.trim()}"`);
      }
      blocks.push({ name, treatment: why === "" ? treatment : "skip", code, given, why });
    } else if (/^ *```/.test(whole)) {
      throw new Error(`Cannot check ${path}: the block that begins with "${whole.trim()}" has no end`);
    }
    [given, why] = ["", ""];
  }
  return blocks;
}

/** Returns the links and the npm scripts of a page that do not exist. */
export function pageProblems(
  path: string,
  text: string,
  known: { readonly scripts: readonly string[]; readonly exists: (path: string) => boolean },
): string[] {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
  const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
  const scripts = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = ""]) => name);
  return [
    ...links.filter((target) => !known.exists(new URL(target, `file:///${folder}`).pathname.slice(1))).map((
      target,
    ) => `the link to "${target}" leads nowhere`),
    ...scripts.filter((name) => !known.scripts.includes(name)).map((name) =>
      `"npm run ${name}": there is no such script`
    ),
  ];
}

/**
 * Returns the entry points that are imported on a page or in the examples, but missing in the import map of the page. Readers
 * who write their import map by hand need all of them.
 */
export function missingInImportMap(page: string, imported: readonly string[]): string[] {
  const mapped = [...page.matchAll(/"(sitebus(?:\/\w+)?)": "[^"]+"/g)].map(([, name]) => name);
  return mapped.length === 0 ? [] : imported.filter((name) => !mapped.includes(name));
}
