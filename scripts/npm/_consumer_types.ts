/**
 * A consumer's type check of the installed package, with the declarations themselves checked as well.
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programProblems, type Step } from "../_steps.ts";
import { requireTool, type Tool } from "../_tools.ts";
import { entryNames } from "./_runtimes.ts";
import type { NpmBuildOptions } from "./options.ts";

const COMPILERS: readonly { readonly tool: Tool; readonly says: string }[] = [
  { tool: "tsc5", says: "TypeScript 5" },
  { tool: "tsc", says: "TypeScript 6" },
  { tool: "tsc7", says: "TypeScript 7" },
];

/** How a consumer resolves modules, and whose types it has. */
const CONSUMERS = [
  { moduleResolution: "node16", module: "Node16", types: [] },
  { moduleResolution: "nodenext", module: "NodeNext", types: [] },
  { moduleResolution: "bundler", module: "ESNext", types: [] },
  { moduleResolution: "nodenext", module: "NodeNext", types: ["node"] },
];

/** The steps of one consumer's folder. */
export function typeSteps(folder: string, options: NpmBuildOptions): Step[] {
  writeFileSync(join(folder, "consumer.ts"), consumer(options));
  writeFileSync(join(folder, "consumer_node.ts"), consumerWithNode(options));
  return COMPILERS.flatMap(({ tool, says }) =>
    CONSUMERS.map(({ moduleResolution, module, types }): Step => {
      const project = join(folder, `tsconfig.${tool}.${moduleResolution}.${types.length}.json`);
      const compilerOptions = {
        target: "ES2023",
        lib: ["ES2023", "ESNext.Disposable"],
        module,
        moduleResolution,
        types,
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const files = types.length === 0 ? ["consumer.ts"] : ["consumer.ts", "consumer_node.ts"];
      writeFileSync(project, JSON.stringify({ compilerOptions, files }));
      return {
        name: moduleResolution,
        says: `${says}, ${types.length === 0 ? "no types of a runtime" : "Node's types"}`,
        run: () =>
          programProblems(requireTool("node26"), [requireTool(tool), "-p", project], { cwd: folder }),
      };
    })
  );
}

/** All entry points, and a bus that is used. */
function consumer(options: NpmBuildOptions): string {
  const names = entryNames(options);
  return [
    ...names.map((name, index) => `import * as m${index} from "${name}";`),
    `export const modules: readonly object[] = [${names.map((_, index) => `m${index}`)}];`,
    `import { inline, ProcessBus } from "${options.package.name}";`,
    `interface Own { order: [id: number, note: string] }`,
    `const bus: ProcessBus<Own> = new ProcessBus<Own>({ platform: inline() });`,
    `bus.subscribe("order", (id, note) => { const text: string = note + id.toFixed(); return text; });`,
    `bus.subscribe("stop", (phase) => phase.delay(1));`,
    `// @ts-expect-error A listener is told what its channel carries.`,
    `bus.subscribe("order", (id: string) => id);`,
    `export const code: Promise<number> = bus.run();`,
    ``,
  ].join("\n");
}

/** Where there is an AbortSignal, ours is one. */
function consumerWithNode({ package: { name } }: NpmBuildOptions): string {
  return [
    `import { inline, ProcessBus } from "${name}";`,
    `export const signal: AbortSignal = new ProcessBus({ platform: inline() }).running;`,
    ``,
  ].join("\n");
}
