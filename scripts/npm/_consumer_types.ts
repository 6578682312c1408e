/**
 * Checks the types of a consumer of the installed package, and the package's own declarations.
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programProblems, type Step } from "../_steps.ts";
import { requireTool, type Tool } from "../tools.ts";
import { entryNames } from "./_runtimes.ts";
import type { NpmBuildOptions } from "./options.ts";

const COMPILERS: readonly { readonly tool: Tool; readonly says: string }[] = [
  { tool: "tsc5", says: "TypeScript 5" },
  { tool: "tsc", says: "TypeScript 6" },
  { tool: "tsc7", says: "TypeScript 7" },
];

/** How a consumer resolves modules, the types that it has, and the source that is checked with these types only. */
const CONSUMERS: readonly {
  readonly moduleResolution: string;
  readonly module: string;
  readonly types?: string;
  readonly files?: readonly string[];
}[] = [
  { moduleResolution: "node16", module: "Node16" },
  { moduleResolution: "nodenext", module: "NodeNext" },
  { moduleResolution: "bundler", module: "ESNext" },
  { moduleResolution: "nodenext", module: "NodeNext", types: "Node's", files: ["consumer_signal.ts"] },
  {
    moduleResolution: "bundler",
    module: "ESNext",
    types: "a Worker's",
    files: ["consumer_signal.ts", "worker.d.ts"],
  },
];

/** The declarations of these two names in @cloudflare/workers-types: one is a class, the other a variable. */
const WORKER = `declare abstract class AbortSignal {
  onabort: unknown;
  readonly aborted: boolean;
}
declare var Request: { prototype: { readonly signal: AbortSignal } };
`;

/** Returns the steps for one consumer's folder. */
export function typeSteps(folder: string, options: NpmBuildOptions): Step[] {
  writeFileSync(join(folder, "consumer.ts"), consumer(options));
  writeFileSync(join(folder, "consumer_signal.ts"), consumerWithSignal(options));
  writeFileSync(join(folder, "worker.d.ts"), WORKER);
  return COMPILERS.flatMap(({ tool, says }) =>
    CONSUMERS.map(({ moduleResolution, module, types, files = [] }, index): Step => {
      const project = join(folder, `tsconfig.${tool}.${index}.json`);
      const compilerOptions = {
        target: "ES2023",
        // The declarations themselves refer to the other libraries that they need.
        lib: ["ES2023"],
        module,
        moduleResolution,
        types: types === "Node's" ? ["node"] : [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      writeFileSync(project, JSON.stringify({ compilerOptions, files: ["consumer.ts", ...files] }));
      return {
        name: moduleResolution,
        says: `${says}, ${types === undefined ? "no types of a runtime" : `${types} types`}`,
        run: () =>
          programProblems(requireTool("node26"), [requireTool(tool), "-p", project], { cwd: folder }),
      };
    })
  );
}

/** The source of a program that imports all entry points and uses a bus. */
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

/** The source of a program that uses the bus's signal as the runtime's AbortSignal. */
function consumerWithSignal({ package: { name } }: NpmBuildOptions): string {
  return [
    `import { inline, ProcessBus } from "${name}";`,
    `export const signal: AbortSignal = new ProcessBus({ platform: inline() }).running;`,
    ``,
  ].join("\n");
}
