import { expect, test } from "vitest";
import { installedExample } from "../../installed_example.ts";
import { sleep, start } from "../../spawn.ts";
import { whyNoFramework } from "./_framework.ts";

test("examples/google opens its database before it listens, and at the end writes what it has", async (context) => {
  if (whyNoFramework !== undefined) return context.skip(whyNoFramework);
  const args = [`--source=${installedExample("google")}`, "--target=shop"];
  const host = start("functions_framework", { args, env: { PORT: "0" }, timeoutMs: 20_000 });
  const port = (await host.waitForLine("listening on")).split(" ").at(-1);
  await host.waitForLine("Signature type: http");
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({ tea: 3, milk: 2 });
  host.kill("SIGTERM");
  const { code, lines } = await host.exited;
  expect(lines.slice(-2)).toEqual(["database closed", "1 visits written"]);
  expect(code).toBe(0);
});

test("examples/cloud_run answers what is in flight at SIGTERM, then closes its database", async (context) => {
  if (whyNoFramework !== undefined) return context.skip("its port is told by a server of Node");
  const args = [`${installedExample("cloud_run")}/server.js`];
  const service = start("on_loopback", { args, env: { PORT: "0" } });
  const url = `http://127.0.0.1:${(await service.waitForLine("listening on")).split(" ").at(-1)}/`;
  // As the probes of service.yaml ask.
  expect((await fetch(`${url}startupz`)).status).toBe(200);
  expect((await fetch(`${url}livez`)).status).toBe(200);
  const slow = fetch(url);
  await sleep(100);
  service.kill("SIGTERM");
  expect(await (await slow).json()).toEqual({ tea: 3, milk: 2 });
  const { code, lines } = await service.exited;
  expect(lines.slice(1)).toEqual(["database closed"]);
  expect(code).toBe(0);
});
