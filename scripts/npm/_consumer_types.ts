/**
 * A consumer's type check of the installed package, with the declarations themselves checked as well.
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programProblems, type Step } from "../_steps.ts";
import { requireTool } from "../_tools.ts";
import { npmBuildOptions } from "./options.ts";

/** How a consumer resolves modules, and whose types it has. */
const CONSUMERS = [
  { name: "nodenext", says: "no types of a runtime", module: "NodeNext", resolution: "NodeNext", types: [] },
  { name: "nodenext", says: "Node's types", module: "NodeNext", resolution: "NodeNext", types: ["node"] },
  { name: "bundler", says: "no types of a runtime", module: "ESNext", resolution: "Bundler", types: [] },
  { name: "bundler", says: "Node's types", module: "ESNext", resolution: "Bundler", types: ["node"] },
];

/** The steps of one consumer's folder. */
export function typeSteps(folder: string): Step[] {
  writeFileSync(join(folder, "consumer.ts"), consumer());
  writeFileSync(join(folder, "consumer_node.ts"), CONSUMER_NODE);
  return CONSUMERS.map(({ name, says, module, resolution, types }, index) => {
    const project = join(folder, `tsconfig.${index}.json`);
    const compilerOptions = {
      target: "ES2023",
      lib: ["ES2023", "ESNext.Disposable"],
      module,
      moduleResolution: resolution,
      types,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const files = types.length === 0 ? ["consumer.ts"] : ["consumer.ts", "consumer_node.ts"];
    writeFileSync(project, JSON.stringify({ compilerOptions, files }));
    return {
      name,
      says: `TypeScript, ${says}`,
      run: () => programProblems(requireTool("node26"), [requireTool("tsc"), "-p", project], { cwd: folder }),
    };
  });
}

/** All entry points, and a bus that is used. */
function consumer(): string {
  const { entryPoints, package: { name } } = npmBuildOptions();
  const exported = entryPoints.filter(({ kind }) => kind === "export");
  return [
    ...exported.map((entry, index) => `import * as m${index} from "${name}${entry.name.slice(1)}";`),
    `export const modules: readonly object[] = [${exported.map((_, index) => `m${index}`)}];`,
    `import { inline, ProcessBus } from "${name}";`,
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
const CONSUMER_NODE = `import { inline, ProcessBus } from "sitebus";
export const signal: AbortSignal = new ProcessBus({ platform: inline() }).running;
`;
