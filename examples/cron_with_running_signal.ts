// A task that is repeated while the bus runs, and not cut. Run `node examples/cron_with_running_signal.ts`, then Ctrl-C.
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });

let count = 0;
async function cleanUp(): Promise<void> {
  const number = ++count;
  console.log(`clean-up ${number} begins`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(`clean-up ${number} is done`);
}

bus.subscribe("run", () => {
  const { running } = bus; // aborts when this run ends; the next start has one of its own
  const timer = setInterval(() => void bus.hold(cleanUp()), 200);
  running.addEventListener("abort", () => clearInterval(timer), { once: true });
});
bus.subscribe("stop", () => console.log("no more clean-ups"));
await bus.run();
