// How many functions of a bundle run until its bus has settled in `run`: each is compiled once, which is what a cold
// start takes beside loading the script. The bundle is imported; where it is a Worker, it is asked once.
import { Session } from "node:inspector/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { printMeasured } from "./_time.ts";

const url = pathToFileURL(process.argv[2]!).href;

// What workerd has, and the Cloudflare platform needs.
const wait = (ms: number, { signal }: { signal: AbortSignal }) => sleep(ms, undefined, { signal });
Object.assign(globalThis, { scheduler: { wait } });

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", {
  callCount: true,
  detailed: false,
});
const { default: app } = await import(url) as {
  readonly default?: {
    fetch(request: Request, env: object, context: object): Promise<Response>;
  };
};
if (app) {
  const answer = await app.fetch(new Request("http://localhost/"), {}, {
    waitUntil() {},
  });
  if (await answer.text() !== "hello") {
    throw new Error(`Cannot measure: it answers ${answer.status}`);
  }
}
const { result } = await session.post("Profiler.takePreciseCoverage");
const { functions } = result.find((script) => script.url === url)!;
printMeasured({
  functions: functions.filter(({ ranges }) => ranges[0]!.count > 0).length,
});
