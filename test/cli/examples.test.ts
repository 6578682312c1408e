import { expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { sleep, start } from "../spawn.ts";
import { connect, serving, untimed } from "./_serve.ts";

test("examples/hono.ts answers what was asked before Ctrl-C, then closes its database", async () => {
  const program = await serving("examples/hono.ts");
  expect(await (await fetch(program.url)).text()).toBe("Hello from sitebus, visit 1\n");
  expect(await (await fetch(`${program.url}visits/shop`)).json()).toEqual({ page: "shop", visits: 1 });
  const visit = await fetch(`${program.url}visits`, {
    method: "POST",
    body: JSON.stringify({ page: "shop" }),
  });
  expect([visit.status, await visit.json()]).toEqual([201, { page: "shop", visits: 2 }]);
  const slow = fetch(`${program.url}slow?ms=700`).then((response) => response.text());
  await sleep(200);
  program.kill("SIGINT");
  expect(await slow).toBe("Slow, but here: visit 1 after 700 ms\n");
  const { code, lines } = await program.exited;
  expect(code).toBe(0);
  expect(untimed(lines)).toEqual([
    "database open",
    "sitebus: db is up",
    "sitebus: http is up",
    "sitebus: ready",
    "sitebus: SIGINT: stopping",
    "sitebus: http is drained",
    "sitebus: http is stopped",
    "database closed",
    "sitebus: db is stopped",
    "sitebus: stopped",
  ]);
});

test("examples/serve_fetch.ts answers", async () => {
  const program = await serving("examples/serve_fetch.ts");
  expect(await (await fetch(`${program.url}some/path`)).text()).toBe("You asked for /some/path\n");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("examples/serve_node.ts answers", async () => {
  const program = await serving("examples/serve_node.ts");
  expect(await (await fetch(`${program.url}some?query`)).json()).toEqual({
    method: "GET",
    url: "/some?query",
  });
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("examples/serve_events.ts ends its streams when the stop begins", async () => {
  const program = await serving("examples/serve_events.ts");
  const gone = await connect(program.url);
  const client = await connect(program.url);
  gone.get("/");
  client.get("/");
  await Promise.all([gone.received("data: 2"), client.received("data: 2")]);
  gone.close();
  const began = performance.now();
  program.kill("SIGTERM");
  expect(await client.closed).toContain("data: goodbye");
  expect((await program.exited).code).toBe(0);
  expect(performance.now() - began).toBeLessThan(patient(1500));
});

test("examples/framework_bus.ts finishes its job, whether it has the bus or is a guest", async () => {
  const { code, lines } = await start("../../examples/framework_bus").exited;
  expect(lines).toEqual([
    'owner heard: job "letter" is done',
    "owner: the store closes with 0 jobs pending",
    'landlord heard: job "letter" is done',
    "tenant: the store closes with 0 jobs pending",
  ]);
  expect(code).toBe(0);
});
