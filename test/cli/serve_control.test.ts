import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { askAt, ownFolder } from "../components/control/_asking.ts";
import { moduleOf, sitebus } from "./_serve.ts";

const OK = `export default () => new Response("ok");`;

/** Serves with a folder of its own for the sockets; resolves to the paths of those that there are. */
async function serve(
  module: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
) {
  const folder = await ownFolder();
  const program = sitebus(["serve", module, "--port", "0", ...args], {
    env: { XDG_RUNTIME_DIR: folder, ...env },
  });
  await program.waitForLine("Ctrl-C stops it");
  const sockets = () => {
    try {
      return readdirSync(join(folder, "sitebus")).map((name) => join(folder, "sitebus", name));
    } catch {
      return [];
    }
  };
  return { program, sockets };
}

test("a served application is asked by its control socket, which is gone when it has ended", async () => {
  const { program, sockets } = await serve(moduleOf(OK, "shop.mjs"));
  const [path] = sockets();
  expect(path).toMatch(new RegExp(`/shop-${program.pid}\\.sock$`));
  expect((await askAt(path, "/status")).json).toMatchObject({
    name: "shop",
    pid: program.pid,
    state: "run",
    ready: true,
    inFlight: 0,
    components: [{ name: "http", state: "up" }],
  });
  const exit = await askAt(path, "/goal", { body: { goal: "exit", code: 4 } });
  expect(exit.json).toMatchObject({ ok: true });
  expect((await program.exited).code).toBe(4);
  expect(sockets()).toEqual([]);
});

test("in a stop that hangs it is said who is late, since when, and what is left", async () => {
  const { program, sockets } = await serve(
    moduleOf(`
      export default () => new Response("ok");
      export function setup(bus) {
        bus.use({ name: "queue", start: () => 1, stop: () => new Promise(() => {}) });
      }`),
    { args: ["--stop-within", "30s", "--name", "hung"] },
  );
  const [path] = sockets();
  expect(path).toMatch(/\/hung-\d+\.sock$/);
  program.kill("SIGTERM");
  await expect.poll(async () => (await askAt(path, "/status")).json.state, { timeout: patient(5000) }).toBe(
    "stop",
  );
  const { json } = await askAt(path, "/status");
  expect(json.pending).toMatchObject([{ name: "queue", state: "stop" }]);
  expect(json.pending[0]!.leftMs).toBeGreaterThan(0);
  program.kill("SIGKILL");
  await program.exited;
});

test("--no-control opens nothing", async () => {
  const { program, sockets } = await serve(moduleOf(OK), { args: ["--no-control"] });
  expect(sockets()).toEqual([]);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("--status-port opens the page to who has the token, which is in no line of the output", async () => {
  const token = "a-token-of-this-test-alone";
  const { program, sockets } = await serve(moduleOf(OK), {
    args: ["--status-port", "0"],
    env: { SITEBUS_STATUS_TOKEN: token },
  });
  const line = await program.waitForLine("The status page is at http://127.0.0.1:");
  const port = Number(/:(\d+)\//.exec(line)?.[1]);
  expect((await askAt(sockets()[0], "/page")).json).toEqual({
    url: `http://127.0.0.1:${port}/#token=${token}`,
  });
  expect((await askAt(undefined, "/status", { port })).status).toBe(401);
  const asked = await askAt(undefined, "/status", { port, headers: { authorization: `Bearer ${token}` } });
  expect(asked.json).toMatchObject({ state: "run" });
  program.kill("SIGTERM");
  const { lines } = await program.exited;
  expect(lines.join("\n")).not.toContain(token);
});

test("a token that is too short is a wrong configuration, and is not shown", async () => {
  const program = sitebus(["serve", moduleOf(OK), "--port", "0", "--status-port", "0"], {
    env: { SITEBUS_STATUS_TOKEN: "hunter2" },
  });
  const { code, lines } = await program.exited;
  expect([code, lines]).toEqual([
    78,
    ["sitebus: Cannot use SITEBUS_STATUS_TOKEN of the environment: expected 16 characters or more, no space"],
  ]);
});

test("--no-control and --status-port contradict each other", async () => {
  const program = sitebus(["serve", moduleOf(OK), "--no-control", "--status-port", "0"]);
  const { code, lines } = await program.exited;
  expect([code, lines.join(" ")]).toEqual([
    64,
    expect.stringContaining("--status-port needs the control socket"),
  ]);
});
