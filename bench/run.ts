/**
 * `npm run bench`: measures sitebus and its peers on Node, Deno and Bun. The script prints the figures, writes them to
 * `bench/RESULTS.md`, draws the plots of `docs/`, and fails if a limit is missed. `npm run bench -- drain hung` measures only
 * these figures, and writes no file.
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { endWithUs } from "../scripts/command.ts";
import { root } from "../scripts/tools.ts";
import { ask } from "./figures/ask.ts";
import { behaviour } from "./figures/behaviour.ts";
import { blocked } from "./figures/blocked.ts";
import { coldImport } from "./figures/cold_import.ts";
import { components } from "./figures/components.ts";
import { control } from "./figures/control.ts";
import { drain } from "./figures/drain.ts";
import { fleet } from "./figures/fleet.ts";
import { functions } from "./figures/functions.ts";
import { gate } from "./figures/gate.ts";
import { graph } from "./figures/graph.ts";
import { hung } from "./figures/hung.ts";
import { lambdaInit } from "./figures/lambda_init.ts";
import { lameDuck } from "./figures/lame_duck.ts";
import { lazy } from "./figures/lazy.ts";
import { publish } from "./figures/publish.ts";
import { publishAsync } from "./figures/publish_async.ts";
import { reload } from "./figures/reload.ts";
import { roll } from "./figures/roll.ts";
import { serve } from "./figures/serve.ts";
import { sigterm } from "./figures/sigterm.ts";
import { size } from "./figures/size.ts";
import { subscribe } from "./figures/subscribe.ts";
import { warm } from "./figures/warm.ts";
import { watch } from "./figures/watch.ts";
import { watchdog } from "./figures/watchdog.ts";
import { workerdColdStart } from "./figures/workerd_cold_start.ts";
import { load, loadLine, machine } from "./_machine.ts";
import { benchFolder, peerVersions } from "./_peers.ts";
import { type Figure, holds, limitTable, markdown } from "./_report.ts";
import { type Runtime, runtimes } from "./_runtimes.ts";

type Measure = (runtimes: readonly Runtime[]) => Promise<Figure>;

// This figure comes first: if the npm package cannot be built, the run fails at once.
const figures: Readonly<Record<string, Measure>> = {
  import: coldImport,
  size,
  publish,
  "publish-async": publishAsync,
  subscribe,
  components,
  graph,
  sigterm,
  hung,
  behaviour,
  drain,
  "lame-duck": lameDuck,
  roll,
  serve,
  blocked,
  gate,
  functions,
  "workerd-cold-start": workerdColdStart,
  "lambda-init": lambdaInit,
  lazy,
  warm,
  control,
  reload,
  ask,
  watch,
  watchdog,
  fleet,
};

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.find((name) => !(name in figures));
  if (unknown !== undefined) {
    throw new Error(
      `Cannot measure "${unknown}": there are ${Object.keys(figures).join(", ")}`,
    );
  }
  const peers = peerVersions();
  const all = runtimes();
  const loadBefore = load();
  const found: Figure[] = [];
  for (const [name, measure] of Object.entries(figures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const began = performance.now();
    const figure = await measure(all);
    found.push(figure);
    console.log(
      `${markdown(figure)}\n(${name}: ${Math.round((performance.now() - began) / 1000)} s)\n`,
    );
  }
  const head = [
    "# What `npm run bench` found",
    "",
    "Less is better everywhere but where it says otherwise. A cell is the best and the worst of the rounds; ratios " +
    "are of the best. All candidates of a figure were measured in turn, round by round, in one run.",
    "",
    `- Machine: ${machine()}. ${loadLine(loadBefore, load())}`,
    `- Runtimes: ${all.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
    `- Peers: ${[...peers].map(([name, version]) => `${name} ${version}`).join(", ")}.`,
    "",
    limitTable(found),
    "",
  ].join("\n");
  const limits = found.flatMap((figure) => figure.limits);
  const missed = limits.filter((limit) => !holds(limit)).length;
  const seconds = Math.round(process.uptime());
  console.log(
    `${head}\n${limits.length - missed} limits hold, ${missed} missed, ${seconds} s`,
  );
  if (wanted.length === 0) {
    const text = [head, ...found.map(markdown)].join("\n");
    writeFileSync(`${benchFolder}RESULTS.md`, `${text.trimEnd()}\n`);
    for (const { plot } of found) {
      if (plot) writeFileSync(`${root}/docs/${plot.file}`, plot.svg);
    }
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
