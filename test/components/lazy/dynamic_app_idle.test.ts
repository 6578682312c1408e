// Not in workerd: it has no timers between requests, and refuses what needs them, as workerd.test.ts shows
import { expect, test, vi } from "vitest";
import { dynamicApp } from "../../../components/lazy.ts";
import { ask, gate, tenantOf, wait } from "./_tenants.ts";

test("an application without requests is given up after a while, and one that has some is not", async () => {
  const closed: string[] = [];
  const answered = gate();
  const shops = dynamicApp({
    config: tenantOf,
    create: ({ tenant }) => async () => {
      if (tenant === "busy") await answered.open;
      return new Response(tenant);
    },
    dispose: (_app, { tenant }) => closed.push(tenant),
    idleMs: 40,
  });
  const busy = ask(shops, "busy");
  await ask(shops, "ada");
  await vi.waitFor(() => expect(closed).toEqual(["ada"]));
  await wait(80);
  expect([closed, shops.size]).toEqual([["ada"], 1]);
  answered.release();
  await busy;
  await vi.waitFor(() => expect([closed, shops.size]).toEqual([["ada", "busy"], 0]));
  expect(await ask(shops, "ada")).toEqual([200, "ada"]);
});
