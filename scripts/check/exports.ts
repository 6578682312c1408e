/**
 * Compares deno.json, package.json, CHANGELOG.md and the command: they describe the same package for two registries.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../_manifest.ts";
import type { Problem } from "./sources.ts";

/** Compares exports, versions and the ranges of dependencies, and checks that the file of each export exists. */
export function checkExports(top: string): Problem[] {
  const deno = readManifest(top, "deno.json");
  const npm = readManifest(top, "package.json");
  const names = [...new Set([...Object.keys(deno.exports), ...Object.keys(npm.exports)])];
  return [
    ...names.filter((name) => deno.exports[name] !== npm.exports[name]).map((name) =>
      `exports "${name}": deno.json has ${quote(deno.exports[name])}, package.json ${
        quote(npm.exports[name])
      }`
    ),
    ...Object.entries(deno.exports).filter(([, path]) => !existsSync(join(top, path))).map(([name, path]) =>
      `exports "${name}": there is no ${path}: bring the file back, or mend deno.json and package.json`
    ),
    ...checkVersions(top, deno.version, npm.version),
    ...checkRanges(deno.imports ?? {}, npm.dependencies ?? {}),
    ...checkLock(top),
  ];
}

/** The files that contain the version, other than the two manifests. */
const VERSION_TEXTS = [
  { path: "CHANGELOG.md", says: "the top entry of CHANGELOG.md", form: /^## \[?v?(\d+\.\d+\.\d+[^\s\]]*)/m },
  { path: "cli/version.ts", says: "VERSION in cli/version.ts", form: /^export const VERSION\b.*= "(.*)";$/m },
];

function checkVersions(top: string, deno: string, npm: string): Problem[] {
  const texts = VERSION_TEXTS.map(({ path, says, form }) => {
    const text = existsSync(join(top, path)) ? readFileSync(join(top, path), "utf8") : "";
    return { says, version: form.exec(text)?.[1] };
  });
  if (deno === npm && texts.every(({ version }) => version === deno)) return [];
  const others = texts.map(({ says, version }) => `${says} ${quote(version)}`).join(", ");
  return [
    `version: deno.json has "${deno}", package.json "${npm}", ${others}: write the same in all of them`,
  ];
}

/** Checks that each import from npm in deno.json is a dependency in package.json, with the same range. */
function checkRanges(
  imports: Readonly<Record<string, string>>,
  ranges: Readonly<Record<string, string>>,
): Problem[] {
  return Object.entries(imports).flatMap(([name, target]) => {
    const [, range] = /^npm:@?[^@]+@(.+)$/.exec(target) ?? [];
    if (range === undefined || ranges[name] === range) return [];
    return [
      `imports "${name}": deno.json has "${range}", the dependencies of package.json ${quote(ranges[name])}`,
    ];
  });
}

/** Checks that the lock file has no addresses: with them, it works with one registry only. */
function checkLock(top: string): Problem[] {
  const path = join(top, "package-lock.json");
  if (!existsSync(path) || !/"resolved": "https?:/.test(readFileSync(path, "utf8"))) return [];
  return [
    "package-lock.json names addresses: write it anew with npm install --omit-lockfile-registry-resolved",
  ];
}

function quote(value: string | undefined): string {
  return value === undefined ? "nothing" : `"${value}"`;
}
