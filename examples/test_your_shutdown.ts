// Your shutdown in a test: no signal is sent, no process ends, no time passes. Run `node examples/test_your_shutdown.ts`.
import assert from "node:assert/strict";
import { type Platform, ProcessBus } from "sitebus";
import { testing } from "sitebus/testing";

/** The program under test takes its platform as an argument; its main file hands in `native()`. */
function shop(platform: Platform, sent: string[]): ProcessBus {
  const bus = new ProcessBus({ platform });
  bus.use({
    name: "queue",
    start: () => ["first", "second"],
    async stop(queue, phase) {
      for (const order of queue) {
        await phase.delay(3000); // by the bus's clock, so that a test can move it
        sent.push(order);
      }
    },
  });
  return bus;
}

{
  const platform = testing();
  const sent: string[] = [];
  const bus = shop(platform, sent);
  const code = bus.run();
  await platform.flush(); // until the bus has nothing more to do
  assert.equal(bus.state, "run");

  platform.deliver("SIGTERM");
  assert.equal(await platform.settle(code), 0); // moves the clock as far as it takes
  assert.deepEqual(sent, ["first", "second"]);
  assert.equal(platform.clock.now(), 6000);
  const left = platform.left(bus);
  assert.ok(left.clean, left.text);
  console.log(`SIGTERM sends all orders, in ${platform.clock.now()} ms that nobody waited for`);
}

{
  const platform = testing();
  const sent: string[] = [];
  const bus = shop(platform, sent);
  bus.subscribe("stop", () => new Promise(() => {}), { name: "hung" });
  const code = bus.run();
  await platform.flush();

  platform.notice(5000); // the host ends the process in 5 s
  assert.equal(await platform.settle(code), 70);
  assert.ok(platform.clock.now() <= 5000);
  console.log(`A notice of 5 s is kept: ${platform.reports.at(-1)?.message}`);
}
