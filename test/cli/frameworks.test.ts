/**
 * Each framework that has an example: the real one, under the real command.
 * @module
 */
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { sleep, start } from "../spawn.ts";
import { built, whyNotInstalled } from "./_project.ts";
import { connect, serving } from "./_serve.ts";

/** What is said of the database, after the server. */
const CLOSED = ["database closed", "sitebus: db is stopped"];

/** Asks for all that an example has; stops it while a request is in flight; and holds the end against `stops`. */
async function servesAndStops(module: string, name: string, stops: readonly string[]): Promise<void> {
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

test.for([
  { file: "examples/elysia.js", name: "Elysia", stops: CLOSED },
  { file: "examples/express.ts", name: "Express", stops: CLOSED },
  {
    file: "examples/fastify.ts",
    name: "Fastify",
    stops: ["fastify closed, 1 orders", "sitebus: fastify is stopped", ...CLOSED],
  },
  { file: "examples/h3.ts", name: "H3", stops: CLOSED },
  { file: "examples/oak.ts", name: "Oak", stops: CLOSED },
])("$file answers what was asked before SIGTERM, then closes its database", async ({ file, name, stops }) => {
  await servesAndStops(file, name, stops);
});

test("examples/nitro runs its close hooks after the server and before the database closes", {
  timeout: 120_000,
}, async (context) => {
  const why = whyNotInstalled(["node26", "deno", "bun"]);
  context.skip(why !== undefined, why);
  const folder = await built("nitro", ["nitro", "build"]);
  await servesAndStops(join(folder, ".output/server/index.mjs"), "Nitro", [
    "nitro closed, 1 orders",
    "sitebus: nitro is stopped",
    ...CLOSED,
  ]);
});

test("examples/next does what is left after an answer, then closes its database", {
  timeout: 240_000,
}, async (context) => {
  // It takes a minute on a busy machine, and was seen to run on Deno and Bun too.
  const why = whyNotInstalled(["node26"]);
  context.skip(why !== undefined, why);
  const folder = await built("next", ["next", "build"]);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("NEXT_TELEMETRY_DISABLED", "1");
  await servesAndStops(join(folder, "serve.js"), "Next.js", [
    "after the answer, 1 orders",
    "sitebus: next is stopped",
    ...CLOSED,
  ]);
});

test("examples/fastify_server.ts closes Fastify after its own server has drained", async () => {
  const program = start("../../examples/fastify_server", { args: ["0"] });
  const url = await program.waitForLine("http://");
  const client = await connect(url);
  client.get("/slow");
  await sleep(300);
  program.kill("SIGTERM");
  const answer = await client.closed;
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain("Slow, but here\n");
  const { code, lines, ms } = await program.exited;
  expect(lines).toEqual([url, "fastify closed"]);
  expect(code).toBe(0);
  // Its connections are kept alive for 72 s.
  expect(ms).toBeLessThan(8000);
});
