/**
 * Each framework that has an example: the real one, under the real command.
 * @module
 */
import { expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { sleep, start } from "../spawn.ts";
import { connect } from "./_serve.ts";
import { CLOSED, servesAndStops } from "./_serves_and_stops.ts";

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
  expect(ms).toBeLessThan(patient(8000));
});
