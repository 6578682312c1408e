/**
 * What it costs to import a package, in a process that has just begun.
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { root } from "../../scripts/tools.ts";
import {
  bestOf,
  byRuntime,
  type Candidate,
  everywhere,
  type Numbers,
  type Result,
  resultsOf,
} from "../_candidates.ts";
import { installBuilt } from "../_built.ts";
import { benchFolder } from "../_peers.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 11;
const limits: Partial<Record<Runtime["name"], number>> = { Node: 5, Bun: 3 };

const peers = [
  "mitt",
  "emittery",
  "hookable",
  "tapable",
  "close-with-grace",
  "avvio",
  "http-terminator",
  "fastify",
  "effect",
  "@nestjs/core",
];

/** The modules that each of them imports. */
const modules: Readonly<Record<string, readonly string[]>> = {
  "bare": [],
  "sitebus": ["sitebus"],
  "sitebus and posix": ["sitebus", "sitebus/posix"],
  "sitebus, sources": [`${root}/mod.ts`],
  ...Object.fromEntries(peers.map((name) => [name, [name]])),
};

// Git looks at neither. The first is where the packages are found; Deno takes no sources from there.
const packagesFolder = `${benchFolder}node_modules/.import/`;
const sourcesFolder = `${root}/.cache/import/`;

/** Runs each in a process of its own, once a round. */
export async function coldImport(
  runtimes: readonly Runtime[],
): Promise<Figure> {
  await installBuilt();
  const entries = Object.entries(modules);
  const programs = entries.map((
    [name, list],
    index,
  ) => [name, writeProgram(list, `${index}.mjs`)]);
  const candidates = everywhere(runtimes, Object.fromEntries(programs));
  const numbers = await interleave(candidates, {
    rounds,
    measure: (one) => Promise.resolve(measure(one)),
  });
  const time = over(candidates, numbers, "ms");
  return {
    title: "Cold import",
    says:
      "What a process that imports a package takes more than one that imports nothing: milliseconds from its start to " +
      `its end, CPU milliseconds, and megabytes of memory at its end; best of ${rounds} rounds and the worst, less the best ` +
      'of the empty one, whose row is the whole. "sitebus" is the core as the npm package has it, in JavaScript, and ' +
      '"and posix" the platform with it; "sources" is the same core from its TypeScript, which each runtime has to compile. ' +
      "Differences of a few milliseconds are noise.",
    tables: [
      byRuntime(time, { unit: "ms", caption: "Time" }),
      byRuntime(over(candidates, numbers, "cpuMs"), {
        unit: "ms",
        caption: "CPU",
      }),
      byRuntime(over(candidates, numbers, "megabytes"), {
        unit: "MB",
        caption: "Memory",
      }),
    ],
    limits: runtimes.flatMap((runtime) => {
      const atMost = limits[runtime.name];
      if (atMost === undefined) return [];
      const found = bestOf(time, { runtime, name: "sitebus" });
      return [{
        name: `the core over an empty script on ${runtime.name}`,
        found,
        atMost,
        unit: "ms",
      }];
    }),
  };
}

/** What is more than the empty one took at its best. */
function over(
  candidates: readonly Candidate[],
  numbers: Numbers,
  key: string,
): Result[] {
  const all = resultsOf(candidates, numbers, key);
  return all.map((result) => {
    if (result.name === "bare") return result;
    const bare = bestOf(all, { runtime: result.runtime, name: "bare" });
    return { ...result, best: result.best - bare, worst: result.worst - bare };
  });
}

/** A script as users write it, in JavaScript: one that must be stripped of types first costs more than it imports. */
function writeProgram(modules: readonly string[], name: string): string {
  const folder = modules.some((module) => module.endsWith(".ts")) ? sourcesFolder : packagesFolder;
  mkdirSync(folder, { recursive: true });
  const lines = [
    ...modules.map((module) => `import ${JSON.stringify(module)};`),
    `import { writeSync } from "node:fs";`,
    `import process from "node:process";`,
    "const { user, system } = process.cpuUsage();",
    "const megabytes = process.memoryUsage().rss / 2 ** 20;",
    "writeSync(1, JSON.stringify({ cpuMs: (user + system) / 1000, megabytes }));",
  ];
  writeFileSync(`${folder}${name}`, `${lines.join("\n")}\n`);
  return `${folder}${name}`;
}

function measure(
  { runtime, name, program }: Candidate,
): Record<string, number> {
  const [file, ...before] = runtime.command;
  const began = performance.now();
  const { stdout, stderr } = spawnSync(file, [...before, program], {
    encoding: "utf8",
  });
  const ms = performance.now() - began;
  if (stdout === "") {
    throw new Error(
      `Cannot import ${name} on ${runtime.name}: ${stderr.trim()}`,
    );
  }
  return { ...JSON.parse(stdout) as Record<string, number>, ms };
}
