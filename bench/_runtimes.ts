/**
 * The runtimes in which the bench runs its programs.
 * @module
 */
import { execFileSync } from "node:child_process";
import { requireTool } from "../scripts/tools.ts";

/** A runtime, and the arguments before the path of a program. */
export interface Runtime {
  readonly name: "Node" | "Deno" | "Bun";
  readonly version: string;
  readonly command: readonly [file: string, ...args: string[]];
}

/**
 * Returns Node 26, Deno and Bun of `node_modules`.
 * @throws {Error} If one is not installed; the message says how to install it.
 */
export function runtimes(): readonly Runtime[] {
  const [node, deno, bun] = [
    requireTool("node26"),
    requireTool("deno"),
    requireTool("bun"),
  ];
  return [
    { name: "Node", version: versionOf(node), command: [node] },
    {
      name: "Deno",
      version: versionOf(deno),
      command: [deno, "run", "--quiet", "--no-prompt", "-A"],
    },
    { name: "Bun", version: versionOf(bun), command: [bun] },
  ];
}

function versionOf(file: string): string {
  const said = execFileSync(file, ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? said.trim();
}
