/**
 * What jsr.io would say: each rule is shown a module that breaks it.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { command } from "../../scripts/command.ts";
import { requireTool, root } from "../../scripts/tools.ts";
import { checkDocs, checkPublish } from "../../scripts/check/registry.ts";
import { makeTree, SOUND } from "./_package_tree.ts";

/** A project with this in its mod.ts. Without a package.json Deno looks for types in no node_modules. */
function tree(mod: string, files: Readonly<Record<string, string>> = {}): string {
  const { "package.json": _, ...others } = SOUND;
  const top = makeTree({ ...others, "mod.ts": `/**\n * A bus.\n * @module\n */\n${mod}\n`, ...files });
  onTestFinished(() => rmSync(top, { recursive: true }));
  return top;
}

const limit = { timeout: patient(60_000) };

test("what is documented and typed has no problems", limit, async () => {
  const top = tree(`/** Rides. */\nexport function ride(): void {}`);
  expect(await checkDocs(top)).toEqual([]);
  expect(await checkPublish(top)).toEqual([]);
});

test.for([
  ["a function", "export function ride(): void {}"],
  ["a constant", "export const price: number = 3;"],
  ["a type", "export type Price = number;"],
  ["what another module has", `export { other } from "./src/other.ts";`],
  ["a method of an interface", "/** A bus. */\nexport interface Bus {\n  ride(): void;\n}"],
  ["a method of a class", "/** A bus. */\nexport class Bus {\n  ride(): void {}\n}"],
])("%s without a docstring is told", limit, async ([, code = ""]) => {
  const documented = "/** A first one. */\nexport const first: number = 1;\n";
  const top = tree(documented + code, { "src/other.ts": `${documented}export const other: number = 2;\n` });
  expect(await checkDocs(top)).toEqual([expect.stringContaining("missing-jsdoc"), "exit code 1"]);
});

test("the docs of a module are not those of its first export", limit, async () => {
  expect(await checkDocs(tree("export const price: number = 3;"))).toEqual([
    "mod.ts:5: the first export has no docstring of its own, only the module's",
  ]);
});

test("a type that has to be guessed is told before publishing", limit, async () => {
  const [said] = await checkPublish(
    tree("/** Rides. */\nexport function ride() {\n  return Math.random();\n}"),
  );
  expect(said).toContain("slow types");
});

test("a warning is told as well", limit, async () => {
  const code =
    "/** Rides. */\nexport function ride(line: string): Promise<unknown> {\n  return import(line);\n}";
  const [said] = await checkPublish(tree(code));
  expect(said).toContain("unanalyzable-dynamic-import");
});

test("npm run docs writes the pages of what is exported", limit, async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-docs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { code, output } = await command(requireTool("node26"), [join(root, "scripts/docs.ts"), folder]);
  expect(output).toBe(`Wrote ${join(folder, "index.html")}\n`);
  expect(code).toBe(0);
  const page = readFileSync(join(folder, "all_symbols.html"), "utf8");
  for (const name of ["ProcessBus", "posix", "embedded"]) expect(page).toContain(`>${name}<`);
  expect(existsSync(join(folder, "index.html"))).toBe(true);
});
