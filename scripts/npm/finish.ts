/**
 * The last step of both builders: makes the package smaller, and adds the files that are missing.
 * @module
 */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { readManifest } from "../_manifest.ts";
import { parseSource } from "../check/sources.ts";
import { trimDeclarations } from "./_declarations.ts";
import { joinModules } from "./_join.ts";
import { type NpmBuildOptions, npmExtraFiles } from "./options.ts";

/** Finishes the package in `folder`, built from the sources in `top`. */
export function finishPackage(
  folder: string,
  { top, options }: { readonly top: string; readonly options: NpmBuildOptions },
): void {
  for (const file of npmExtraFiles) copyFileSync(join(top, file), join(folder, file));
  // dnt writes a package.json that gives the type of the modules; the package's own one does so already.
  rmSync(join(folder, "esm/package.json"), { force: true });
  const { name } = readManifest(top, "deno.json");
  const paths = filesBelow(folder, "esm");
  trimDeclarations(folder, { paths: paths.filter((path) => path.endsWith(".d.ts")), options });
  joinModules(folder, { paths: paths.filter((path) => path.endsWith(".js")), options });
  for (const path of filesBelow(folder, "esm")) {
    const file = join(folder, path);
    const text = readFileSync(file, "utf8");
    // The docs have the name of the package on jsr.io.
    const lighter = path.endsWith(".js")
      ? withoutComments(text)
      : text.replaceAll(name, options.package.name);
    writeFileSync(file, withTabs(lighter));
  }
}

/** Returns the paths of all files in one folder of a package, from the package's top, with slashes. */
export function filesBelow(top: string, folder: string): string[] {
  return readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** Returns a program without its comments. Editors read the docs from the declarations. */
export function withoutComments(text: string): string {
  const { tree } = parseSource("a.js", text);
  const [firstLine] = /^#!.*\n/.exec(text) ?? [""];
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  return firstLine + printer.printFile(tree).replace(/^#!.*\n/, "");
}

/** Replaces each four spaces at the beginning of a line by a tab, except within a template string. */
export function withTabs(text: string): string {
  const texts: (readonly [from: number, to: number])[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isTemplateLiteralToken(node)) texts.push([node.getStart(), node.end]);
    node.forEachChild(visit);
  };
  visit(parseSource("a.js", text).tree);
  const isInText = (at: number) => texts.some(([from, to]) => from < at && at < to);
  return text.replace(
    /^ {4,}/gm,
    (spaces, at: number) => isInText(at) ? spaces : spaces.replaceAll("    ", "\t"),
  );
}
