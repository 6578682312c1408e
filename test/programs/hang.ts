// A listener of the given channel never ends, and may hold a handle. The process must end nevertheless.
import process from "node:process";
import { type Platform, ProcessBus, type State } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [place = "", handle] = process.argv.slice(2);
const name = `hung ${place}`;
const ms = 300;
const hang = (): Promise<never> => {
  print("hangs");
  return new Promise(() => {
    if (handle) setInterval(() => {}, 1000);
  });
};
const fail = () => {
  throw new Error("as the test wants it");
};

const own = posix();
const platforms: Readonly<Record<string, Partial<Platform>>> = {
  attach: { attach: async (control) => (await own.attach(control), await hang()) },
  respawn: { respawn: hang },
  leave: { leave: hang },
};
const bus = new ProcessBus({
  name: "program",
  platform: { ...own, ...platforms[place] },
  deadlines: { enter: ms, start: ms, drain: ms, stop: ms, exit: ms, reload: ms, settle: ms },
});

const failing: Readonly<Record<string, State>> = {
  start_error: "start",
  stop_error: "stop",
  exit_error: "exit",
};
const places = ["enter", "idle", "start", "run", "drain", "stop", "exit", "exited", ...Object.keys(failing)];
if (places.includes(place)) bus.subscribe(place as "run", hang, { name });
const state = failing[place] as "run" | undefined;
if (state !== undefined) bus.subscribe(state, fail, { name: "fails" });
if (place === "prepare") bus.subscribe("reload", hang, { name });
if (place === "commit") bus.subscribe("reload", () => ({ commit: hang }), { name });

const running = bus.run();
bus.wait("run").then(async () => {
  if (place === "prepare" || place === "commit") await bus.reload().catch(() => {});
  if (place === "component") await bus.use({ name, start: hang, startWithin: ms }).ready.catch(() => {});
  if (place === "respawn") await bus.restart();
  else await bus.exit();
}).catch(() => {});
await running;
