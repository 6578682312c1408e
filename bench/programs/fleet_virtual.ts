// Many virtual members over few connections to one server: how long a reload takes until all have acknowledged it. Arguments:
// the port of the server, its process, and the number of members.
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect } from "@nats-io/transport-node";
import { fleet, fleetController, type NatsConnectionLike } from "../../components/fleet.ts";
import { inline, ProcessBus } from "../../mod.ts";

const [port = "", pid = "", count = ""] = process.argv.slice(2);
const servers = `127.0.0.1:${port}`;
const name = "virtual";
const shared = await Promise.all(
  Array.from({ length: 20 }, () => connect({ servers, timeout: 60_000 })),
);

/** The server's resident memory, in MB. */
function memory(): number {
  return Number(
    /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1],
  ) / 1024;
}

const controller = await fleetController({
  name,
  connect: () => connect({ servers, timeout: 60_000 }),
  expireMs: 60_000,
});
const emptyMb = memory();
const began = performance.now();
const join = async (number: number) => {
  const connection = shared[number % shared.length]!;
  // One of many over the same connection: it closes none, and hears of its own errors alone.
  const own: NatsConnectionLike = new Proxy(
    connection as unknown as NatsConnectionLike,
    {
      get(target, key) {
        if (key === "close") return () => Promise.resolve();
        if (key === "closed") return () => new Promise(() => {});
        if (key === "status") return async function* () {};
        const value = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    },
  );
  const bus = new ProcessBus({ platform: inline() });
  bus.subscribe("log", () => {});
  bus.use(
    fleet(bus, {
      name,
      node: `n${number}`,
      connect: async () => own,
      expireMs: 60_000,
    }),
  );
  await bus.start();
};
for (let number = 0; number < Number(count); number += 50) {
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => join(number + index)),
  );
}
const joinMs = performance.now() - began;
while ((await controller.members()).length < Number(count)) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const membersBegan = performance.now();
await controller.members();
const membersMs = performance.now() - membersBegan;
const times: number[] = [];
let missing = 0;
for (let round = 0; round < 3; round++) {
  const began = performance.now();
  const { receipts } = await controller.reload({ round }, { within: 60_000 });
  times.push(performance.now() - began);
  missing += Number(count) - receipts.filter(({ ok }) => ok).length;
}
const serverMb = memory();
console.log(
  `measured ${
    JSON.stringify({
      reloadMs: Math.min(...times),
      slowestMs: Math.max(...times),
      missing,
      joinMs,
      membersMs,
      emptyMb,
      serverMb,
    })
  }`,
);
process.exit(0);
