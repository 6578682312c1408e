import { createServer } from "node:http";
import { expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { start } from "../../spawn.ts";
import { connectTo, seen, serving } from "./_node_client.ts";

const make = () =>
  createServer((request, response) => {
    setTimeout(() => response.end(`done ${request.url}`), request.url === "/slow" ? 400 : 0);
  });

const lameDuckMs = patient(1000);

test("a lame duck serves old and new connections, and each answer says that it was the last", async () => {
  const { bus, http, stop } = await serving(make(), { lameDuckMs, drainMs: 4 * lameDuckMs });
  const old = await connectTo(http);
  old.get("/");
  await old.received("done /");
  const since = performance.now();
  const stopped = stop();
  expect(bus.state).toBe("drain");
  const fresh = await connectTo(http);
  for (const client of [old, fresh]) {
    client.get("/again");
    expect(await client.received("done /again")).toMatch(/connection: close[^]*done \/again/i);
    expect((await client.ended).how).toBe("end");
  }
  expect(performance.now() - since).toBeLessThan(lameDuckMs);
  expect(await stopped).toBeGreaterThanOrEqual(lameDuckMs - 5);
  await expect(connectTo(http)).rejects.toThrow();
});

test("a request that was in flight before it says so too, and ends in order after it", async () => {
  const { http, stop } = await serving(make(), { lameDuckMs: 100 });
  const client = await connectTo(http);
  client.get("/slow");
  await seen(http, 1);
  await stop();
  expect((await client.ended).how).toBe("end");
  expect(client.text).toMatch(/connection: close[^]*done \/slow/i);
});

test("it leaves a quarter of the time to what follows it, and says that it was shortened", async () => {
  const { http, stop, records } = await serving(make(), { lameDuckMs: 60_000, drainMs: 3200 });
  const stopped = stop();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const client = await connectTo(http);
  client.get("/slow");
  await client.received("done /slow");
  expect(await stopped).toBeLessThan(patient(3200));
  expect(records).toContainEqual(expect.objectContaining({
    level: "warn",
    component: "http",
    message: expect.stringMatching(
      /^http is a lame duck for (1[5-9]|2[0-4])\d\d ms, not for 60000: the time for drain is too short$/,
    ),
  }));
});

test("no request of many clients is lost or reset, under load", { timeout: patient(60_000) }, async () => {
  const program = start("http_node_lame_duck", { args: ["1000", "50"], timeoutMs: 50_000 });
  const { code, lines } = await program.exited;
  const result = JSON.parse(lines.find((line) => line.startsWith("{")) ?? "null");
  expect(result).toMatchObject({ failed: 0, resets: 0 });
  // On a busy machine they are fewer.
  expect(result.duringLameDuck).toBeGreaterThan(20);
  expect(code).toBe(0);
});
