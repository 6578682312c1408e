// A config file that is read again on SIGHUP, and taken by all or by nobody. Run `node examples/reload_config.ts shop.json`.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

interface Config {
  readonly greeting: string;
  readonly workers: number;
}

const path = process.argv[2] ?? "shop.json";

async function readConfig(): Promise<Config> {
  const { greeting, workers = 1 } = JSON.parse(await readFile(path, "utf8")) as Partial<Config>;
  if (typeof greeting !== "string") throw new TypeError(`${path}: "greeting" is no string`);
  return { greeting, workers };
}

// On a terminal, SIGHUP would exit by default: there it says that the terminal is gone.
const bus = new ProcessBus({ platform: native({ signals: { SIGHUP: "reload" } }) });
let config: Config;
let next: Config;

bus.subscribe("start", async () => {
  config = await readConfig();
});
bus.subscribe("run", () => console.log(`${config.greeting}, process ${process.pid}`));

// First all prepare, then all commit. What throws in between vetoes the reload.
bus.subscribe("reload", async function file({ generation }) {
  next = await readConfig();
  return {
    commit() {
      config = next;
      console.log(`${config.greeting}, generation ${generation}`);
    },
    rollback: () => console.log(`still ${config.greeting}`),
  };
});
bus.subscribe("reload", function pool() {
  if (next.workers > 8) throw new RangeError(`${next.workers} workers are too many`);
});

await bus.run();
