// 100 parts in ten layers of ten, each part after all of the layer before, and each with 10 ms to wait.
import process from "node:process";
import { inline, ProcessBus } from "../../mod.ts";
import { checkParts, makeParts, type Part } from "./_parts.ts";
import { printMeasured } from "./_time.ts";

const depth = 10;
const width = 10;
const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 10));
const parts = makeParts(depth * width, wait);
const layers = Array.from(
  { length: depth },
  (_, index) => parts.slice(index * width, (index + 1) * width),
);

/** The longest way through the graph, as the timers of the runtime walk it. */
async function criticalPath(): Promise<void> {
  for (let left = depth; left > 0; left--) await wait();
}

async function byLayers(
  from: readonly Part[][],
  what: "start" | "stop",
): Promise<void> {
  for (const layer of from) {
    await Promise.all(layer.map((part) => part[what]()));
  }
}

function ofBus() {
  const bus = new ProcessBus({ platform: inline() });
  layers.forEach((layer, index) => {
    const dependsOn = (layers[index - 1] ?? []).map(({ name }) => name);
    for (const { name, start, stop } of layer) {
      bus.use({ name, dependsOn, start, stop });
    }
  });
  return { start: () => bus.start(), stop: () => bus.stop() };
}

function byHand() {
  return {
    start: () => byLayers(layers, "start"),
    stop: () => byLayers(layers.toReversed(), "stop"),
  };
}

async function msOf(step: () => unknown): Promise<number> {
  const began = performance.now();
  await step();
  return performance.now() - began;
}

await criticalPath();
const path = await msOf(criticalPath);
const container = process.argv[2] === "sitebus" ? ofBus() : byHand();
const start = await msOf(() => container.start());
const stop = await msOf(() => container.stop());
checkParts(parts.length);
printMeasured({ path, start, stop });
