/**
 * `npm run bench`: the figures of sitebus beside those of its peers, on Node, Deno and Bun in one run. It prints
 * them and writes them to `bench/RESULTS.md`, and fails where one is not what it has to be.
 * `npm run bench -- size hung` measures these alone, and writes nothing.
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { endWithUs } from "../scripts/_command.ts";
import { blocked } from "./figures/blocked.ts";
import { hung } from "./figures/hung.ts";
import { sigterm } from "./figures/sigterm.ts";
import { size } from "./figures/size.ts";
import { load, loadLine, machine } from "./_machine.ts";
import { benchFolder, peerVersions } from "./_peers.ts";
import { type Figure, holds, markdown } from "./_report.ts";
import { type Runtime, runtimes } from "./_runtimes.ts";

type Measure = (runtimes: readonly Runtime[]) => Promise<Figure>;

const figures: Readonly<Record<string, Measure>> = {
  size,
  sigterm,
  hung,
  blocked,
};

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.find((name) => !(name in figures));
  if (unknown !== undefined) {
    throw new Error(`Cannot measure "${unknown}": there are ${Object.keys(figures).join(", ")}`);
  }
  const peers = peerVersions();
  const all = runtimes();
  const [began, loadBefore] = [performance.now(), load()];
  const found: Figure[] = [];
  for (const [name, measure] of Object.entries(figures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const figure = await measure(all);
    found.push(figure);
    console.log(markdown(figure));
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const head = [
    "# What `npm run bench` found",
    "",
    "Less is better everywhere, and ratios are of the best values. Each row was measured in turn with the others, " +
    "round by round, in one run.",
    "",
    `- Machine: ${machine()}. ${loadLine(loadBefore, load())}`,
    `- Runtimes: ${all.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
    `- Peers: ${[...peers].map(([name, version]) => `${name} ${version}`).join(", ")}.`,
    "",
  ].join("\n");
  const limits = found.flatMap((figure) => figure.limits);
  const missed = limits.filter((limit) => !holds(limit)).length;
  console.log(`${head}\n${limits.length - missed} limits hold, ${missed} missed, ${seconds} s`);
  if (wanted.length === 0) {
    const text = [head, ...found.map(markdown)].join("\n");
    writeFileSync(`${benchFolder}RESULTS.md`, `${text.trimEnd()}\n`);
  }
  process.exitCode = missed === 0 ? 0 : 1;
}

endWithUs();
try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
