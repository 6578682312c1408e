/**
 * What the command says as events, and while it stops without a terminal.
 * @module
 */
import { describe, expect, test } from "vitest";
import { runtime, sleep } from "../spawn.ts";
import { connect, moduleOf, serving, sitebus } from "./_serve.ts";

const OK = `export default () => new Response("ok");`;
const parse = (lines: readonly string[]) =>
  lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);

describe("sitebus serve --json", () => {
  test("says nothing but objects, the address and the exit code among them", async () => {
    const program = sitebus(["serve", moduleOf(OK), "--port", "0", "--json"]);
    const serving = JSON.parse(await program.waitForLine('"event":"serving"')) as { url: string };
    expect(serving).toMatchObject({ level: "info", version: expect.any(String), pid: program.pid });
    expect(await (await fetch(serving.url)).text()).toBe("ok");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    const records = parse(lines);
    expect(records).toContainEqual(
      expect.objectContaining({ event: "component", component: "http", status: "up", url: serving.url }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ event: "state", state: "drain", name: "SIGTERM" }),
    );
    expect(records.at(-1)).toMatchObject({ event: "exit", code: 0, level: "info", ms: expect.any(Number) });
  });

  test("says as an object, too, what has to be ended by force", async () => {
    const module = moduleOf(`
      setInterval(() => {}, 1000);
      export const setup = (bus) => void bus.subscribe("run", () => void bus.exit(3));
      ${OK}`);
    const { code, lines } = await sitebus(["serve", module, "--port", "0", "--json", "--stop-within", "4s"])
      .exited;
    expect(code).toBe(3);
    const records = parse(lines);
    expect(records.at(-2)).toMatchObject({ event: "exit", code: 3 });
    expect(records.at(-1)).toMatchObject({ level: "warn", bus: "sitebus", ms: expect.any(Number) });
  });

  test("reports on SIGQUIT what it knows, as data", async () => {
    const program = sitebus(["serve", moduleOf(OK), "--port", "0", "--json"]);
    await program.waitForLine('"event":"serving"');
    program.kill("SIGQUIT");
    const record = JSON.parse(await program.waitForLine('"event":"inspect"')) as Record<string, unknown>;
    expect(record).toMatchObject({
      ...{ pid: program.pid, uptimeMs: expect.any(Number), requests: 0, pending: [] },
      report: { state: "run", components: [{ name: "http", status: "up" }] },
    });
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });
});

test("a report on SIGQUIT is a line for the bus and one for each component", async () => {
  const program = await serving(moduleOf(`
    export const setup = (bus) => void bus.use({ name: "db", stop: () => {} });
    export default () => new Promise((resolve) => setTimeout(resolve, 1500, new Response("ok")));`));
  const client = await connect(program.url);
  client.get("/");
  await sleep(200);
  program.kill("SIGQUIT");
  const head = await program.waitForLine("sitebus: state run");
  expect(head).toMatch(/^sitebus: state run for \d\.\d s; 1 request in flight; process \d+, up \d+\.\d s$/);
  await program.waitForLine("    http  up");
  const at = program.lines.indexOf(head);
  expect(program.lines.slice(at + 1, at + 3)).toEqual([
    expect.stringMatching(/^ {4}http {2}up {8}started in \d+ ms$/),
    expect.stringMatching(/^ {4}db {4}up {8}started in \d+ ms$/),
  ]);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("an application has its pino logger on the bus by a line of its setup", async () => {
  const module = moduleOf(`
    import { createRequire } from "node:module";
    import { logTo } from "${new URL("../../components/log.ts", import.meta.url).href}";
    const pino = createRequire("${import.meta.url}")("pino");
    export function setup(bus) {
      const logger = pino();
      logTo(bus, logger);
      bus.use({ name: "db", stop() {} });
      bus.subscribe("exit", () => new Promise((resolve) => logger.flush(resolve)), { name: "flush the log" });
    }
    ${OK}`);
  const program = sitebus(["serve", module, "--port", "0", "--quiet"]);
  await program.waitForLine('"event":"serving"');
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(code).toBe(0);
  const records = parse(lines);
  expect(records).toContainEqual(expect.objectContaining({ level: 30, component: "db", status: "down" }));
  expect(records.at(-1)).toMatchObject({ level: 30, event: "exit", code: 0 });
});

test("without a terminal, a long stop says after 5 s who is pending, the requests, and the time left", {
  timeout: 25_000,
}, async () => {
  const program = sitebus([
    ...["serve", "--port", "0", "--stop-within", "9s"],
    moduleOf(`export default () => new Promise((resolve) => setTimeout(resolve, 5600, new Response("ok")));`),
  ], { timeoutMs: 20_000 });
  const url = /http:\S+/.exec(await program.waitForLine(" at http:"))?.[0] ?? "";
  await program.waitForLine("Ctrl-C stops it");
  const client = await connect(url);
  client.get("/");
  await sleep(200);
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^sitebus: http is draining, 1 request in flight, (4\.9|5\.\d) s; [12] s left to drain$/,
    ),
  );
  expect(await client.closed).toContain("\r\nok");
  expect(code).toBe(0);
});

test("the runtime is named in the start block", async () => {
  const { lines } = await serving(moduleOf(OK));
  const name = { node: "Node", deno: "Deno", bun: "Bun" }[runtime];
  expect(lines.join("\n")).toMatch(
    new RegExp(`^sitebus:   sitebus 0\\.\\S+ on ${name} \\d\\S+, process \\d+$`, "m"),
  );
});
