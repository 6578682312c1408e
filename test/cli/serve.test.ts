import { describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { runtime, sleep } from "../spawn.ts";
import { connect, moduleOf, serving, sitebus, START_BLOCK, untimed } from "./_serve.ts";

const SLOW = `
  export default async (request) => {
    const ms = Number(new URL(request.url).searchParams.get("ms") ?? 0);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return new Response("waited " + ms);
  };`;

describe("serving", () => {
  test("says the address and answers", async () => {
    const { url, lines } = await serving(moduleOf(SLOW));
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/$/);
    expect(await (await fetch(url)).text()).toBe("waited 0");
    expect(lines).toEqual([
      expect.stringMatching(/^sitebus: http is up in \d+ ms at http:/),
      expect.stringMatching(/^sitebus: ready in \d+ ms$/),
      ...START_BLOCK.map((text) => expect.stringContaining(text)),
    ]);
  });

  test("calls the fetch method of an object as its method", async () => {
    const { url } = await serving(moduleOf(`
      class Application { #text = "mine"; fetch() { return new Response(this.#text); } }
      export default new Application();`));
    expect(await (await fetch(url)).text()).toBe("mine");
  });

  test("serves a Node-style function that is exported as such", async () => {
    const { url } = await serving(moduleOf(`
      export default { node: (req, res) => { res.statusCode = 201; res.end(req.method + " " + req.url); } };`));
    const response = await fetch(`${url}a?b=c`, { method: "POST", body: "x" });
    expect([response.status, await response.text()]).toEqual([201, "POST /a?b=c"]);
  });

  test("serves a Node-style function that has methods of its own, as an Express application", async () => {
    const { url } = await serving(moduleOf(`
      const app = (req, res) => res.end("own");
      app.bind = app.call = () => { throw new Error("an HTTP method"); };
      export default { node: app };`));
    expect(await (await fetch(url)).text()).toBe("own");
  });

  test.each([
    ["throws", `() => { throw new TypeError("no way"); }`, "no way"],
    ["rejects", `async () => { throw new TypeError("no way"); }`, "no way"],
    ["returns nothing", `async () => {}`, "returned undefined, expected a Response"],
    ["throws in Node's style", `{ node: () => { throw new TypeError("no way"); } }`, "no way"],
    ["rejects in Node's style", `{ node: async () => { throw new TypeError("no way"); } }`, "no way"],
  ])("answers 500 and says why where the application %s", async (_, source, why) => {
    const program = await serving(moduleOf(`export default ${source};`));
    const response = await fetch(`${program.url}path?secret=1`);
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(await program.waitForLine("Cannot answer")).toBe("sitebus: error: Cannot answer GET /path");
    expect(await program.waitForLine(why)).not.toContain("secret");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });
});

describe("stopping", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "finishes the request in flight at %s and exits with 0",
    async (signal) => {
      const program = await serving(moduleOf(SLOW));
      const client = await connect(program.url);
      client.get("/?ms=800");
      await sleep(300);
      const began = performance.now();
      program.kill(signal);
      await program.waitForLine("stopping");
      await sleep(100);
      await expect(connect(program.url)).rejects.toThrow();
      expect(await client.closed).toContain("waited 800");
      const { code, lines } = await program.exited;
      expect(code).toBe(0);
      // The kept-alive connection alone would hold it for 5 s more.
      expect(performance.now() - began).toBeLessThan(patient(2000));
      expect(lines.slice(2 + START_BLOCK.length)).toEqual([
        `sitebus: ${signal}: stopping`,
        expect.stringMatching(/^sitebus: http is drained in \d+ ms$/),
        expect.stringMatching(/^sitebus: http is stopped in \d+ ms$/),
        expect.stringMatching(/^sitebus: stopped in \d+ ms, exit code 0$/),
      ]);
    },
  );

  test("is not delayed by a client that keeps its connection, nor by one that sends nothing", async () => {
    const program = await serving(moduleOf(SLOW));
    const [kept] = await Promise.all([connect(program.url), connect(program.url)]);
    kept.get("/");
    await kept.received("waited 0");
    const began = performance.now();
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(patient(1500));
  });

  test("cuts a request that does not end in time, and says so", async () => {
    const program = await serving(
      moduleOf(`export default () => new Promise(() => {});`),
      "--stop-within",
      "3s",
    );
    const client = await connect(program.url);
    client.get("/");
    await sleep(200);
    const began = performance.now();
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(performance.now() - began).toBeLessThan(patient(3500));
    await client.closed;
    expect(code).toBe(0);
    expect(lines).toContain("sitebus: warning: http cut 1 request at the end of its time");
  });

  test("goes on where the reader of its output has gone", async () => {
    const program = await serving(moduleOf(SLOW));
    program.closeOutput();
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });

  test("stops in order and exits with 70 after an uncaught error", async () => {
    const program = await serving(moduleOf(`
      export default () => { setTimeout(() => { throw new Error("nobody's"); }); return new Response("ok"); };`));
    await (await fetch(program.url)).text();
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    const said = lines.join("\n");
    expect(said).toContain("sitebus: error: Nobody caught an error\n    Error: nobody's\n");
    expect(said).toMatch(
      /sitebus: stopping after a failure\n(.*\n)*sitebus: stopped in \d+ ms, exit code 70$/,
    );
  });
});

const COMPONENTS = `
  const log = (text) => console.log(text);
  const component = (name, dependsOn) => ({ name, dependsOn,
    start: () => log("start " + name), drain: () => log("drain " + name), stop: () => log("stop " + name) });
  export async function setup(bus) {
    await null;
    bus.use(component("shop", ["db"]));
    bus.use(component("db"));
    bus.subscribe("exit", () => log("exit"));
  }
  export default () => new Response("ok");`;

describe("the components of setup", () => {
  test("start before the server, and stop after it in reverse", async () => {
    const program = await serving(moduleOf(COMPONENTS));
    program.kill("SIGINT");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    const said = untimed(lines);
    expect(said.filter((line) => !line.includes("drain"))).toEqual([
      "start db",
      "sitebus: db is up",
      "start shop",
      "sitebus: shop is up",
      "sitebus: http is up",
      "sitebus: ready",
      "sitebus: SIGINT: stopping",
      "sitebus: http is stopped",
      "stop shop",
      "sitebus: shop is stopped",
      "stop db",
      "sitebus: db is stopped",
      "exit",
      "sitebus: stopped",
    ]);
    expect(said).toContain("drain shop");
  });

  test.each([["drain", "did not drain"], ["stop", "did not stop"]])(
    "that hang in %s are left behind after --stop-within, by name",
    async (method, said) => {
      const module = moduleOf(`
        export const setup = (bus) => void bus.use({ name: "db", ${method}: () => new Promise(() => {}) });
        export default () => new Response("ok");`);
      const program = await serving(module, "--stop-within", "1s");
      const began = performance.now();
      program.kill("SIGTERM");
      const { code, lines } = await program.exited;
      expect(performance.now() - began).toBeLessThan(patient(2500));
      expect(code).toBe(70);
      expect(lines).toContainEqual(
        expect.stringMatching(new RegExp(`^sitebus: error: db ${said}: it still runs after \\d+ ms$`)),
      );
      expect(lines.at(-1)).toMatch(/, exit code 70 while "db" on ".*" still runs$/);
    },
  );

  test("that hang in stop are ended by a second Ctrl-C at once, with 130 and by name", async () => {
    const program = await serving(moduleOf(`
      export const setup = (bus) => void bus.use({ name: "db", stop: () => new Promise(() => {}) });
      export default () => new Response("ok");`));
    program.kill("SIGINT");
    await program.waitForLine("http is stopped");
    await sleep(600);
    const began = performance.now();
    program.kill("SIGINT");
    const { code, lines } = await program.exited;
    expect(performance.now() - began).toBeLessThan(patient(1000));
    expect(code).toBe(130);
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^sitebus: SIGINT again: ended at once; cut "db" on "stop" after \d\.\d s$/),
      expect.stringMatching(/^sitebus: stopped in \d+ ms, exit code 130$/),
    ]);
  });

  test("that fail to start end it with 70, and what was up stops", async () => {
    const program = sitebus([
      "serve",
      moduleOf(`
      export function setup(bus) {
        bus.use({ name: "db", stop: () => console.log("db closed") });
        bus.use({ name: "mail", dependsOn: ["db"], start: () => { throw new Error("no mail today"); } });
      }
      export default () => new Response("ok");`),
    ]);
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(
      expect.stringMatching(/^sitebus: error: mail did not start: no mail today \(\/.*app\.mjs:4:/),
    );
    expect(lines).toContain("db closed");
    expect(lines.join()).not.toContain("http is up");
    expect(lines.at(-1)).toMatch(/^sitebus: stopped in \d+ ms, exit code 70$/);
  });

  test("that do not start within --start-within end it with 70, by name", async () => {
    const module = moduleOf(`
      export const setup = (bus) => void bus.use({ name: "db", start: () => new Promise(() => {}) });
      export default () => new Response("ok");`);
    const { code, lines, ms } = await sitebus(["serve", module, "--start-within", "300ms"]).exited;
    expect(code).toBe(70);
    expect(ms).toBeLessThan(patient(5000));
    expect(lines).toContainEqual(
      expect.stringMatching(/^sitebus: error: db did not start: it still runs after \d+ ms$/),
    );
  });
});

test("the runtime under test is the one that serves", async () => {
  const { url } = await serving(moduleOf(`
    export default () => new Response("Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node");`));
  expect(await (await fetch(url)).text()).toBe(runtime);
});
