/**
 * An example of a framework, asked for all that it has, and stopped while a request is in flight.
 * @module
 */
import { expect } from "vitest";
import { sleep } from "../spawn.ts";
import { connect, serving } from "./_serve.ts";

/** What is said of the database, after the server. */
export const CLOSED = ["database closed", "sitebus: db is stopped"];

/** Asks for all that an example has; stops it while a request is in flight; and holds the end against `stops`. */
export async function servesAndStops(
  module: string,
  name: string,
  stops: readonly string[],
): Promise<void> {
  const program = await serving(module);
  const root = await fetch(program.url);
  expect(root.status).toBe(200);
  // React marks where one text ends and the next begins.
  expect((await root.text()).replaceAll("<!-- -->", "")).toContain(`Hello from ${name}, 0 orders`);
  const order = await fetch(`${program.url}orders`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ item: "tea" }),
  });
  expect([order.status, await order.json()]).toEqual([201, ["tea"]]);
  expect((await fetch(`${program.url}nowhere`)).status).toBe(404);
  const client = await connect(program.url);
  client.get("/slow?ms=1000");
  await sleep(400);
  program.kill("SIGTERM");
  const answer = await client.closed;
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain("Slow, but here, 1 orders\n");
  const { code, lines } = await program.exited;
  const end = lines.slice(lines.findIndex((line) => line.includes("SIGTERM: stopping")) + 1);
  expect(end.map((line) => line.replace(/ in \d+ ms.*/, ""))).toEqual([
    "sitebus: http is drained",
    "sitebus: http is stopped",
    ...stops,
    "sitebus: stopped",
  ]);
  expect(code).toBe(0);
}
