// A consumer of a queue in two processes: each message is a task, with a connection of its own, and Ctrl-C waits for those at work.
// Run: node examples/units_consumer.ts   (or: deno run -A, bun)
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";
import { perTask, pool, tasks, unit } from "../components/units.ts";

if (process.env["SITEBUS_UNIT"] === undefined) {
  const bus = new ProcessBus({ name: "site", platform: native() });
  bus.use(pool(bus, { name: "mail", kind: "process", count: 2, entry: new URL(import.meta.url) }));
  process.exitCode = await bus.run();
} else {
  const bus = new ProcessBus({ name: "consumer", platform: unit() });
  const work = tasks(bus, { name: process.env["SITEBUS_UNIT"] });
  const connection = perTask((task) => {
    console.log(`${task.name} opens a connection`);
    return { send: (text: string) => console.log(`${task.name} sends ${text}`) };
  }, () => console.log("closed"));
  bus.use({
    name: "queue",
    async run(_value, signal) {
      for (let message = 1; !signal.aborted; message++) {
        // The next message of the queue, and the work that it makes.
        void work.run(String(message), async () => {
          (await connection.get()).send(`message ${message}`);
          await sleep(50);
        });
        await sleep(100, undefined, { signal }).catch(() => {});
      }
    },
  });
  await bus.run();
}
