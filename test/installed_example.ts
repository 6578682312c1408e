/**
 * An example that is a folder, installed as its user has it: copied, with the packages that it depends on.
 * @module
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const top = fileURLToPath(new URL("..", import.meta.url));

/**
 * Copies `examples/<name>`; in the place of `npm install`, what its package.json depends on is linked: this package, and
 * others from the project's own node_modules. It goes away after the test.
 */
export function installedExample(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sitebus-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(top, "examples", name), folder, { recursive: true });
  for (const one of dependenciesOf(join(folder, "package.json"))) {
    const place = join(folder, "node_modules", one);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(one === "sitebus" ? top : join(top, "node_modules", one), place, "dir");
  }
  return folder;
}

function dependenciesOf(manifest: string): string[] {
  if (!existsSync(manifest)) return [];
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  return Object.keys(dependencies);
}
