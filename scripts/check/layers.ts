/**
 * The layers: who may know whom. A rule that is broken once is soon broken everywhere, so the graph of
 * imports is held against them by `npm run check`.
 * @module
 */
import type { Problem, Source } from "./_sources.ts";
import { type Import, importsOf } from "./imports.ts";

/** The core from the ground up: a module may load only those before it. Types may be named either way. */
const CORE = ["platform", "channel", "bus", "component", "engine", "process_bus", "guest"];

/** The platforms that are made out of others. */
const REFINES: Readonly<Record<string, readonly string[]>> = {
  windows: ["posix"],
  native: ["posix", "windows"],
  serverless: ["testing"],
  fetch: ["serverless"],
  knative: ["serverless"],
  cloudflare: ["serverless"],
  lambda: ["serverless", "testing"],
  google: ["serverless"],
  azure: ["serverless"],
};

/** Holds the imports of all files against the layers. */
export function checkLayers(sources: readonly Source[]): Problem[] {
  const imports = sources.flatMap(importsOf);
  return [...imports.flatMap(checkImport), ...checkCoreOrder(imports), ...checkCycles(imports)];
}

function checkImport(found: Import): Problem[] {
  const problem = layerProblem(found) ?? modProblem(found);
  return problem === undefined ? [] : [`${found.place}: ${problem}`];
}

function layerProblem({ from, to, relative }: Import): string | undefined {
  const [layer] = from.split("/");
  if (layer === "src") {
    return to.startsWith("src/") ? undefined : `src/ imports only src/, and this is "${to}"`;
  }
  if (layer === "platforms") return platformProblem(from, to, relative);
  if (layer === "components" && !/^(src|platforms|components)\//.test(to) && !to.startsWith("node:")) {
    return `a component imports src/, platforms/ and components/, and this is "${to}"`;
  }
  if (layer === "cli" || layer === "examples") {
    const outside = to.startsWith("test/") || to.startsWith("scripts/");
    return outside ? `${layer}/ is run by users, and imports nothing of "${to}"` : undefined;
  }
  return undefined;
}

function platformProblem(from: string, to: string, relative: boolean): string | undefined {
  if (!relative) {
    return to.startsWith("node:") ? undefined : `importing a platform loads no package, and this is "${to}"`;
  }
  if (to.startsWith("src/") || to.startsWith("platforms/process/")) return undefined;
  const [own, other] = [unitOf(from), unitOf(to)];
  if (other !== undefined && (own === other || REFINES[own ?? ""]?.includes(other))) return undefined;
  return `a platform imports src/, platforms/process/ and the platform that it refines, and this is "${to}"`;
}

/** "posix" for `platforms/posix.ts` and for all of `platforms/posix/`. */
function unitOf(path: string): string | undefined {
  const [layer, unit] = path.split("/");
  return layer === "platforms" ? unit?.replace(/\.ts$/, "") : undefined;
}

function modProblem({ from, to }: Import): string | undefined {
  if (to !== "mod.ts" || /^(test|examples|docs|cli|bench)\//.test(from)) return undefined;
  return "nothing imports mod.ts but tests, examples, docs and cli: import the module that has it";
}

/** In `src/`, what each file loads of `src/` when it runs. */
function coreGraph(imports: readonly Import[]): Map<string, Import[]> {
  const inside = imports.filter(({ from, to, typeOnly }) =>
    from.startsWith("src/") && to.startsWith("src/") && !typeOnly
  );
  const graph = new Map<string, Import[]>();
  for (const found of inside) graph.set(found.from, [...graph.get(found.from) ?? [], found]);
  return graph;
}

function checkCoreOrder(imports: readonly Import[]): Problem[] {
  const graph = coreGraph(imports);
  return CORE.flatMap((name, rank) =>
    CORE.slice(rank + 1).flatMap((later) => {
      const way = findWay(graph, `src/${name}.ts`, `src/${later}.ts`);
      return way === undefined ? [] : [
        `${way[0]?.place}: ${name} stands below ${later} in the core and does not load it: ${spell(way)}`,
      ];
    })
  );
}

function checkCycles(imports: readonly Import[]): Problem[] {
  const graph = coreGraph(imports);
  const seen = new Set<string>();
  return [...graph.keys()].flatMap((file) => {
    const way = findWay(graph, file, file);
    if (way === undefined || way.some(({ from }) => seen.has(from))) return [];
    for (const { from } of way) seen.add(from);
    return [`${way[0]?.place}: a cycle in the core: ${spell(way)}`];
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

function spell(way: readonly Import[]): string {
  return [way[0]?.from, ...way.map(({ to }) => to)].join(" → ");
}
