/**
 * Checks that imports follow the one order of the source, including imports of types.
 * @module
 */
import { type Import, importsOf } from "./imports.ts";
import { type Entry, ORDER } from "./order.ts";
import type { Problem, Source } from "./sources.ts";

/** Checks the imports of all files against an order. Default: the order of this repository. */
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

/** Checks that docs/architecture.md lists the files of the core in the same order and with the same words. */
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

/** Whether a file must have a place in the order. */
function isOrdered(path: string): boolean {
  return /^(src|platforms|components|cli|scripts|bench)\/|^mod\.ts$/.test(path);
}

/** Returns the entry that a file belongs to. The name of a folder stands for all files in it. */
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

/** Checks that an entry imports only entries above it. An entry with `imports` may import only those and the core. */
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

/** Checks that `_name.ts` is imported only in its folder, below it, and by the file that exports the folder. */
function privateProblem({ from, to }: Import): string | undefined {
  if (!isOrdered(from) || !isOrdered(to)) return undefined;
  const [, folder = "", name = ""] = /^(.*\/)([^/]*)$/.exec(to) ?? [];
  if (!name.startsWith("_") || from.startsWith(folder) || from === faceOf(folder)) {
    return undefined;
  }
  return `"${to}" is for ${folder} alone`;
}

/** Returns the file that exports a folder: "components/http.ts" for "components/http/", mod.ts for the core. */
function faceOf(folder: string): string {
  return folder === "src/" ? "mod.ts" : folder.replace(/\/$/, ".ts");
}

function modProblem({ from, to }: Import): string | undefined {
  if (to !== "mod.ts" || /^(test|examples|docs|cli|bench)\//.test(from)) return undefined;
  return "only tests, examples, docs, bench and cli import mod.ts: import the module that has it";
}

/** Checks that the core imports nothing from outside, and that a platform or a component loads no package when it is imported. */
function packageProblem({ from, to, relative }: Import): string | undefined {
  if (relative) return undefined;
  if (from.startsWith("src/")) return `src/ imports only src/, and this is "${to}"`;
  if (!/^(platforms|components)\//.test(from) || to.startsWith("node:")) return undefined;
  return `importing a platform or a component loads no package, and this is "${to}"`;
}

/** Checks that files for users do not import tests or scripts. */
function outsideProblem({ from, to }: Import): string | undefined {
  const isForUsers = isOrdered(from) && !/^(scripts|bench)\//.test(from) || from.startsWith("examples/");
  if (!isForUsers || !/^(test|scripts|bench|\.\.)\//.test(to)) return undefined;
  return `a file for users cannot import "${to}"`;
}

/** Finds names in `imports` of an entry that the entry does not import. */
function unusedProblems(imports: readonly Import[], order: readonly Entry[]): Problem[] {
  return order.flatMap((entry) =>
    (entry.imports ?? []).filter((name) =>
      !imports.some(({ from, to }) => entryOf(from, order) === entry && entryOf(to, order)?.name === name)
    ).map((name) =>
      `scripts/check/order.ts: "${entry.name}" does not import "${name}": take the permission away`
    )
  );
}

/** Finds circles of imports. Each circle is reported once, by its shortest chain. */
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

/** Returns the shortest chain of imports from one file to another. */
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
