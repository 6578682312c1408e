/**
 * Holds the import graph, with the imports of types alone, against the one order of the source. A rule that is broken
 * once is soon broken everywhere.
 * @module
 */
import { type Import, importsOf } from "./imports.ts";
import { type Entry, ORDER } from "./order.ts";
import type { Problem, Source } from "./sources.ts";

/** Holds the imports of all files against an order. Default: that of this repository. */
export function checkLayers(sources: readonly Source[], order: readonly Entry[] = ORDER): Problem[] {
  const files = sources.map(({ path }) => path);
  const imports = sources.flatMap(importsOf);
  return [
    ...placeProblems(files, order),
    ...imports.flatMap((found) => importProblems(found, order)),
    ...unusedProblems(imports, order),
    ...circleProblems(imports),
  ];
}

/** The core as docs/architecture.md has it: the same files, in the same order, with the same words. */
export function checkMap(page: string, order: readonly Entry[] = ORDER): Problem[] {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map(([, name, says]) =>
    `src/${name}: ${says}`
  );
  const entries = order.filter(({ name }) => name.startsWith("src/")).map(({ name, says }) =>
    `${name}: ${says}`
  );
  const index = Array.from({ length: Math.max(rows.length, entries.length) }).findIndex((_, index) =>
    rows[index] !== entries[index]
  );
  return index === -1 ? [] : [
    `docs/architecture.md: its map has "${rows[index]}" where scripts/check/order.ts has "${entries[index]}"`,
  ];
}

/** The folders of which every file has its place in the order. */
function isOrdered(path: string): boolean {
  return /^(src|platforms|components|cli|scripts|bench)\/|^mod\.ts$/.test(path);
}

/** The entry that a file belongs to: a folder's name stands for all that is in it. */
function entryOf(path: string, order: readonly Entry[]): Entry | undefined {
  return order.find(({ name }) => path === `${name}.ts` || path.startsWith(`${name}/`));
}

function placeProblems(files: readonly string[], order: readonly Entry[]): Problem[] {
  const ordered = files.filter(isOrdered);
  return [
    ...ordered.filter((path) => entryOf(path, order) === undefined).map((path) =>
      `${path}: it has no place in scripts/check/order.ts`
    ),
    ...order.filter((entry) => !ordered.some((path) => entryOf(path, order) === entry)).map(({ name }) =>
      `scripts/check/order.ts: there is no "${name}": take it out`
    ),
  ];
}

function importProblems(found: Import, order: readonly Entry[]): Problem[] {
  const problem = modProblem(found) ?? orderProblem(found, order) ?? privateProblem(found) ??
    packageProblem(found) ?? outsideProblem(found);
  return problem === undefined ? [] : [`${found.place}: ${problem}`];
}

/** An entry imports what stands above it; one that says what it imports, that and the core alone. */
function orderProblem({ from, to }: Import, order: readonly Entry[]): string | undefined {
  const [own, other] = [entryOf(from, order), entryOf(to, order)];
  if (own === undefined || other === undefined || own === other) return undefined;
  if (order.indexOf(own) < order.indexOf(other)) {
    return `"${own.name}" stands above "${other.name}" in scripts/check/order.ts, and so cannot import "${to}"`;
  }
  if (own.imports === undefined || to.startsWith("src/") || own.imports.includes(other.name)) {
    return undefined;
  }
  return `"${own.name}" does not say in scripts/check/order.ts that it imports "${other.name}"`;
}

/** `_name.ts` is for its folder, what is below that, and the file that shows the folder to others. */
function privateProblem({ from, to }: Import): string | undefined {
  if (!isOrdered(from) || !isOrdered(to)) return undefined;
  const [, folder = "", name = ""] = /^(.*\/)([^/]*)$/.exec(to) ?? [];
  if (!name.startsWith("_") || from.startsWith(folder) || from === faceOf(folder)) {
    return undefined;
  }
  return `"${to}" is for ${folder} alone`;
}

/** "components/http.ts" for "components/http/"; the core is shown by mod.ts. */
function faceOf(folder: string): string {
  return folder === "src/" ? "mod.ts" : folder.replace(/\/$/, ".ts");
}

function modProblem({ from, to }: Import): string | undefined {
  if (to !== "mod.ts" || /^(test|examples|docs|cli|bench)\//.test(from)) return undefined;
  return "only tests, examples, docs, bench and cli import mod.ts: import the module that has it";
}

/** The core needs nothing; importing a platform or a component loads no package. */
function packageProblem({ from, to, relative }: Import): string | undefined {
  if (relative) return undefined;
  if (from.startsWith("src/")) return `src/ imports only src/, and this is "${to}"`;
  if (!/^(platforms|components)\//.test(from) || to.startsWith("node:")) return undefined;
  return `importing a platform or a component loads no package, and this is "${to}"`;
}

/** What users run knows nothing of tests and scripts. */
function outsideProblem({ from, to }: Import): string | undefined {
  const isForUsers = isOrdered(from) && !/^(scripts|bench)\//.test(from) || from.startsWith("examples/");
  if (!isForUsers || !/^(test|scripts|bench|\.\.)\//.test(to)) return undefined;
  return `it is run by users, and imports nothing of "${to}"`;
}

/** What an entry says that it imports, and does not, is a rule that nobody needs. */
function unusedProblems(imports: readonly Import[], order: readonly Entry[]): Problem[] {
  return order.flatMap((entry) =>
    (entry.imports ?? []).filter((name) =>
      !imports.some(({ from, to }) => entryOf(from, order) === entry && entryOf(to, order)?.name === name)
    ).map((name) =>
      `scripts/check/order.ts: "${entry.name}" does not import "${name}": take the permission away`
    )
  );
}

/** Each circle is told once, by its shortest way. */
function circleProblems(imports: readonly Import[]): Problem[] {
  const graph = new Map<string, Import[]>();
  for (const found of imports.filter(({ from, to }) => isOrdered(from) && isOrdered(to))) {
    graph.set(found.from, [...graph.get(found.from) ?? [], found]);
  }
  const seen = new Set<string>();
  return [...graph.keys()].flatMap((file) => {
    const way = findWay(graph, file, file);
    if (way === undefined || way.some(({ from }) => seen.has(from))) return [];
    for (const { from } of way) seen.add(from);
    return [`${way[0]?.place}: a circle: ${[file, ...way.map(({ to }) => to)].join(" → ")}`];
  });
}

/** The shortest chain of imports from one file to another. */
function findWay(graph: Map<string, Import[]>, start: string, end: string): Import[] | undefined {
  const seen = new Set<string>();
  let ways: Import[][] = (graph.get(start) ?? []).map((step) => [step]);
  while (ways.length > 0) {
    const arrived = ways.find((way) => way.at(-1)?.to === end);
    if (arrived) return arrived;
    ways = ways.flatMap((way) => {
      const last = way.at(-1)?.to ?? "";
      if (seen.has(last)) return [];
      seen.add(last);
      return (graph.get(last) ?? []).map((step) => [...way, step]);
    });
  }
  return undefined;
}
