/**
 * Every example does what its first line says, and the README shows what really happens.
 * @module
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { patient } from "../scripts/patience.ts";
import { type Program, runtime, start, type StartOptions } from "./spawn.ts";

const top = new URL("../", import.meta.url);

function example(name: string, options: StartOptions = {}): Program {
  return start(`../../examples/${name}`, options);
}

/** What it printed, without what a runtime says of itself. */
function printed({ lines }: Pick<Program, "lines">): string[] {
  return lines.filter((line) => !/^\(Use `node --trace-warnings|ExperimentalWarning/.test(line));
}

function pidOf(line: string): string {
  return /process (\d+)/.exec(line)?.[1] ?? "none";
}

test("every example is tested", () => {
  const tests = readdirSync(new URL("test/", top), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => readFileSync(new URL(path, new URL("test/", top)), "utf8"));
  const all = [...tests, ...transcripts().map(({ command }) => command)].join();
  for (const file of readdirSync(new URL("examples/", top))) {
    const stem = file.slice(0, -3);
    const named = [`"${stem}"`, `examples/${stem}"`, `examples/${file}`].some((name) => all.includes(name));
    expect(named, file).toBe(true);
  }
});

test("every example says in its first lines how it is run", () => {
  for (const name of readdirSync(new URL("examples/", top))) {
    // A folder is a project of its own, which is served by this file, or has a host that its README tells of.
    const files = name.includes(".") ? [name] : [`${name}/serve.js`, `${name}/README.md`];
    const file = files.find((file) => existsSync(new URL(`examples/${file}`, top))) ?? name;
    const text = readFileSync(new URL(`examples/${file}`, top), "utf8");
    expect(text.split("\n").slice(0, 6).join("\n"), file).toContain(`examples/${name}`);
  }
});

test("components.ts starts them in the order of their dependencies, and stops them in the reverse", async () => {
  const exit = await example("components").exited;
  // Where nothing depends on it, the file closes while the others stop.
  expect(printed(exit).filter((line) => line !== "file: closed")).toEqual([
    "cache: up",
    "db: up after 3 tries",
    "mail: up with the templates of the database",
    "web: up",
    "web: takes no more work",
    "web: down",
    "mail: down",
    "db: down",
  ]);
  expect(printed(exit).indexOf("file: closed")).toBeGreaterThan(5);
  expect(exit.code).toBe(0);
});

test("stop_on_signal.ts stops and stays on SIGHUP, and exits on SIGTERM", async () => {
  const program = example("stop_on_signal");
  await program.waitForLine("ready");
  program.kill("SIGHUP");
  await program.waitForLine("page 5");
  await program.waitForLine("rests, and may start again");
  program.kill("SIGTERM");
  const exit = await program.exited;
  expect(printed(exit).map((line) => line.replace(/\d+$/, "N"))).toEqual([
    "ready, process N",
    "told of SIGHUP",
    "stops because of SIGHUP",
    ...Array(5).fill("page N"),
    "rests, and may start again",
    "told of SIGTERM",
    "exit code N",
  ]);
  expect(exit.code).toBe(0);
});

test("reload_config.ts takes a config that all can use, and no other", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-examples-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "shop.json");
  const program = example("reload_config", { args: [path] });
  const reload = async (config: unknown, line: string) => {
    writeFileSync(path, JSON.stringify(config));
    program.kill("SIGHUP");
    await program.waitForLine(line);
  };
  writeFileSync(path, JSON.stringify({ greeting: "Hello" }));
  await program.waitForLine("Hello, process");
  await reload({ greeting: "Welcome", workers: 4 }, "Welcome, generation 1");
  await reload({ greeting: "Nobody sees this", workers: 9 }, "still Welcome");
  await reload({ greeting: 7 }, '"greeting" is no string');
  await reload({ greeting: "Goodbye" }, "Goodbye, generation 2");
  program.kill("SIGTERM");
  const exit = await program.exited;
  expect(printed(exit).join("\n")).not.toContain("Nobody");
  expect(printed(exit).join("\n")).toContain('"pool" on "reload" failed: 9 workers are too many');
  expect(exit.code).toBe(0);
});

test("hold_work.ts finishes what is under way, and only then closes", async () => {
  const program = example("hold_work");
  await program.waitForLine("sending to grace");
  program.kill("SIGINT");
  const exit = await program.exited;
  expect(printed(exit)).toEqual([
    "sending to ada",
    "sending to grace",
    "sent to ada",
    "sent to grace",
    "the mail server is closed",
  ]);
  expect(exit.code).toBe(0);
});

test("cron_with_running_signal.ts ends the task that is under way, and begins no other", async () => {
  const program = example("cron_with_running_signal");
  await program.waitForLine("clean-up 2 begins");
  program.kill("SIGINT");
  const exit = await program.exited;
  expect(printed(exit).slice(-2)).toEqual(["clean-up 2 is done", "no more clean-ups"]);
  expect(exit.code).toBe(0);
});

test("guest.ts lets the plug-in do what it has the right to", async () => {
  const exit = await example("guest").exited;
  expect(printed(exit)).toEqual([
    "reloads, since the shop may ask for it",
    'warning: Cannot use the right "exit": the guest "shop" was not given it',
    'Cannot use the right "exit": the guest "shop" was not given it',
    "shop/db is up",
    "the host stops",
    "the shop stops, after its host",
    "0 components are left",
  ]);
  expect(exit.code).toBe(0);
});

test("restart.ts stops in order, and starts anew", async () => {
  const program = example("restart");
  const first = await program.waitForLine("up, process");
  program.kill("SIGHUP");
  await program.waitForLine("down because of SIGHUP");
  await expect.poll(() => program.lines.filter((line) => line.startsWith("up")).length).toBe(2);
  const last = program.lines.findLast((line) => line.startsWith("up")) ?? "";
  expect([first, last].map(pidOf).join()).toMatch(/^\d+,\d+$/);
  // To the process that was started, whoever of the two it is now.
  program.kill("SIGTERM");
  const exit = await program.exited;
  expect(printed(exit).at(-1)).toBe("down because of SIGTERM");
  expect(exit.code).toBe(0);
});

test("late_join.ts uses a component while the bus runs, and removes it", async () => {
  const exit = await example("late_join").exited;
  expect(printed(exit).filter((line) => !line.startsWith("error:"))).toEqual([
    "reports of January and February",
    "broken: no such host",
    'the bus is in "run"',
    "reports stop",
    "reports are removed",
    "db stops",
  ]);
  expect(exit.code).toBe(0);
});

test("http_node.ts answers what is in flight, and ends its streams in order", async () => {
  const program = example("http_node", { args: ["0"] });
  const url = await program.waitForLine("http://");
  const [slow, clock] = ["/slow", "/clock"].map((path) =>
    fetch(new URL(path, url)).then((response) => response.text())
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  program.kill("SIGTERM");
  expect(await slow).toBe("answered\n");
  expect(await clock).toMatch(/^(data: tick\n\n)+data: bye\n\n$/);
  const exit = await program.exited;
  expect(printed(exit).slice(1)).toEqual(["nobody is left"]);
  expect(exit.code).toBe(0);
});

test("http_health.ts tells whether it works, and serves on until that is heard", async () => {
  const program = example("http_health", { args: ["0", "0"] });
  const [, url = "", health = ""] =
    /^(\S+) and its health at (\S+)$/.exec(await program.waitForLine("health")) ??
      [];
  const ready = () => fetch(new URL("/readyz", health)).then(({ status }) => status);
  expect(await ready()).toBe(200);
  await fetch(new URL("/break", url)).then((response) => response.text());
  expect(await ready()).toBe(503);
  program.kill("SIGTERM");
  await program.waitForLine("goes on serving");
  expect(await ready()).toBe(503);
  expect((await fetch(new URL("/livez", health))).status).toBe(200);
  expect(await (await fetch(url)).text()).toBe("Hello\n");
  const exit = await program.exited;
  expect(printed(exit).slice(1)).toEqual(["goes on serving for a second", "nobody is left"]);
  expect(exit.code).toBe(0);
});

/** Asks for an answer that takes a while, and stops the program meanwhile. */
async function stopsWhileAnswering(name: string): Promise<void> {
  const program = example(name, { args: ["0"] });
  const url = await program.waitForLine("http://");
  const answer = fetch(new URL("/slow", url)).then((response) => response.text());
  const socket = new WebSocket(new URL("/echo", url.replace("http", "ws")));
  const code = new Promise<number>((resolve) => {
    socket.addEventListener("close", (close) => resolve(close.code));
  });
  const echo = new Promise<unknown>((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(data));
  });
  socket.addEventListener("open", () => socket.send("hello"));
  expect(await echo).toBe("hello");
  program.kill("SIGTERM");
  expect(await answer).toBe("answered\n");
  expect(await code).toBe(1001);
  const exit = await program.exited;
  expect(printed(exit).slice(-1)).toEqual(["nobody is left"]);
  expect(exit.code).toBe(0);
}

test("http_deno.ts answers what is in flight, and says goodbye to its WebSockets", async (context) => {
  if (runtime !== "deno") context.skip("It is for Deno");
  await stopsWhileAnswering("http_deno");
});

test("http_deno.ts ends its streams in order", async (context) => {
  if (runtime !== "deno") context.skip("It is for Deno");
  const program = example("http_deno", { args: ["0"] });
  const url = await program.waitForLine("http://");
  const answer = fetch(new URL("/clock", url)).then((response) => response.text());
  await new Promise((resolve) => setTimeout(resolve, 300));
  program.kill("SIGTERM");
  expect(await answer).toMatch(/^(data: tick\n\n)+data: bye\n\n$/);
  expect((await program.exited).code).toBe(0);
});

test("http_bun.ts answers what is in flight, and says goodbye to its WebSockets", async (context) => {
  if (runtime !== "bun") context.skip("It is for Bun");
  await stopsWhileAnswering("http_bun");
});

test("embedded_worker.ts stops the thread's bus before its own", async () => {
  const program = example("embedded_worker");
  await program.waitForLine("process: up");
  program.kill("SIGINT");
  const exit = await program.exited;
  // What two threads print has no order among them.
  const [process, worker] = ["process: ", "worker: "].map((by) =>
    printed(exit).filter((line) => line.startsWith(by))
  );
  expect(process).toEqual(["process: up", "process: the worker has left", "process: down"]);
  expect(worker).toEqual(["worker: up", "worker: down, since the process stops"]);
  expect(exit.code).toBe(0);
});

test("test_your_shutdown.ts waits for no time and for no signal", async () => {
  const exit = await example("test_your_shutdown").exited;
  expect(printed(exit)).toEqual([
    "SIGTERM sends all orders, in 6000 ms that nobody waited for",
    'A notice of 5 s is kept: Exited with code 70 while "hung" on "stop" still runs',
  ]);
  expect(exit.code).toBe(0);
});

interface Transcript {
  readonly command: string;
  readonly lines: readonly string[];
  readonly code: number;
}

/** What README.md shows of a terminal, for the commands that this test can run. */
function transcripts(): Transcript[] {
  const readme = readFileSync(new URL("README.md", top), "utf8");
  return [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => {
    const [first = "", ...lines] = text.trimEnd().split("\n");
    const end = lines.indexOf("$ echo $?");
    const code = end === -1 ? 0 : Number(lines[end + 1]);
    return { command: first.slice(2), lines: end === -1 ? lines : lines.slice(0, end), code };
  });
}

function withoutNumbers(line: string): string {
  return line.replace(/\d+ ms/g, "N ms").replace(/process \d+/, "process N").replace(/:\d+\/$/, ":N/")
    .replace(/ on (Node|Deno|Bun) [\d.]+,/, " on a runtime,");
}

test.for(transcripts())("README.md shows what $command prints", async ({ command, lines, code }) => {
  // The program itself, since a runner of scripts has lines of its own.
  const [, name = "", arg] = /^node examples\/(\w+)\.ts(?: (\d+))?$/.exec(command) ?? [];
  const program = command === "npm start"
    ? start("../../cli/main", { args: ["serve", "examples/hono.ts", "--port", "0"] })
    : example(name, arg === undefined ? {} : { args: [arg] });
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith("^C")) continue;
    await expect.poll(() => printed(program).length, { timeout: patient(5000) }).toBeGreaterThanOrEqual(
      index,
    );
    program.kill("SIGINT");
  }
  const exit = await program.exited;
  expect(printed(exit).map(withoutNumbers)).toEqual(
    lines.map((line) => withoutNumbers(line.replace(/^\^C/, ""))),
  );
  expect(exit.code).toBe(code);
});

test("README.md shows the shortest program as it is", () => {
  const program = readFileSync(new URL("examples/first_bus.ts", top), "utf8").replace(/^\/\/.*\n/, "");
  expect(readFileSync(new URL("README.md", top), "utf8")).toContain("\n```ts ignore\n" + program + "```\n");
});
