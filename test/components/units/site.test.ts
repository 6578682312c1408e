import { expect, test } from "vitest";
import { site } from "../../../components/units.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { start } from "../../spawn.ts";

const LONG_MS = 60_000;

test("a message reaches every bus that its scope says, once, and each has a receipt", async () => {
  const program = start("unit_tree", { timeoutMs: LONG_MS });
  await program.waitForLine("done");
  const said = (what: string) =>
    JSON.parse(program.lines.find((line) => line.startsWith(`${what} [`))!.slice(what.length));
  const heard = (line: string) => program.lines.filter((one) => one === line).length;
  const jobs = (ok: boolean, error: unknown) =>
    ["web/1/jobs/1", "web/2/jobs/1"].map((path) => [path, "job", ok, ...error === undefined ? [] : [error]]);

  // The whole tree: processes, threads of them, and threads of the site.
  expect(said("tree")).toEqual([
    ["/", "top", true],
    ["lone/1", "web", true],
    ["web/1", "web", true],
    ["web/1/jobs/1", "job", true],
    ["web/2", "web", true],
    ["web/2/jobs/1", "job", true],
  ]);
  expect([heard("top hears hello"), heard("web hears hello"), heard("job hears hello")]).toEqual([1, 3, 2]);
  // One process alone, and what is no JSON.
  expect(said("process")).toEqual([["/", "top", true], ["lone/1", "web", true]]);
  expect(heard("web hears a map")).toBe(1);
  expect(said("isolate")).toEqual([["/", "top", true]]);
  expect([heard("top hears alone"), heard("web hears alone")]).toEqual([1, 0]);
  // Buses of one name, wherever they are.
  expect(said("to")).toEqual(jobs(true, undefined));
  expect([heard("web hears jobs only"), heard("job hears jobs only")]).toEqual([0, 2]);
  expect(said("failing")).toEqual(jobs(false, expect.stringContaining("failed on purpose")));
  expect(said("late")).toEqual(jobs(false, expect.stringMatching(/it did not (settle|answer) within/)));
  expect(said("stop")).toEqual(jobs(true, undefined));
  // Those that die meanwhile.
  expect(said("dead")).toEqual(
    ["lone/1", "web/1", "web/2"].map((path) => [path, "web", false, "it ended before it answered"]),
  );
  expect(program.lines).toContainEqual(
    expect.stringMatching(/^refused: TypeError Cannot publish on "news": it cannot be cloned/),
  );
  // A unit asks upwards what it has the right for, and reaches all; without it, nobody.
  const asked = program.lines.filter((line) => line.startsWith("asked ")).map((line) =>
    JSON.parse(line.slice(6))
  );
  const all = ["/", "lone/1", "web/1", "web/1/jobs/1", "web/2", "web/2/jobs/1"].map((
    path,
  ) => [path, true, null]);
  expect(asked.map((receipts) => receipts.sort()).sort((a, b) => b.length - a.length)).toEqual([
    all,
    all,
    [["/", false, 'it was not given the right "publish:news" ("web")'], ["lone/1", true, null]],
  ]);
  expect(program.lines).toContainEqual(
    '[warn] Refused what the unit "lone/1" asked: it was not given the right "publish:news"',
  );
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);

test("a bus without units is a tree of one", async () => {
  const bus = new ProcessBus<{ news: [text: string] }>({ name: "alone", platform: inline() });
  expect(site(bus)).toBe(site(bus));
  const heard: string[] = [];
  bus.subscribe("news", (text) => void heard.push(text));
  await bus.start();
  expect(await site(bus).publish("news", ["hello"], { scope: "tree" })).toEqual([
    { bus: "alone", path: "/", ok: true, ms: expect.any(Number) },
  ]);
  expect(await site(bus).request("reload", { scope: "tree" })).toMatchObject([{ bus: "alone", ok: true }]);
  expect(await site(bus).publish("log", [{}], { scope: "tree" })).toMatchObject([
    { ok: false, error: 'Cannot publish on "log": only the bus itself publishes on it' },
  ]);
  expect(heard).toEqual(["hello"]);
  expect(await site(bus).request("exit", { scope: "isolate" })).toMatchObject([{ ok: true }]);
  expect(bus.state).toBe("exited");
});

test.each<[title: string, ask: (bus: ProcessBus) => unknown, message: string]>([
  [
    "an unknown scope",
    (bus) => site(bus).publish("a", [], { scope: "world" as "tree" }),
    '"scope" is "world", expected one of isolate, process, tree, fleet',
  ],
  [
    "a scope that nothing serves",
    (bus) => site(bus).publish("a", [], { scope: "fleet" }),
    '"scope" is "fleet", and this site is in none',
  ],
  [
    "arguments that are no list",
    (bus) => site(bus).publish("a", "b" as never),
    'Cannot publish on "a": the arguments are "b", expected a list',
  ],
  [
    "an unknown goal",
    (bus) => site(bus).request("explode" as "exit"),
    'Cannot request "explode": expected one of start',
  ],
  [
    "a time that is none",
    (bus) => site(bus).publish("a", [], { scope: "tree", within: -1 }),
    '"within" is -1, expected milliseconds',
  ],
  [
    "an unknown option",
    (bus) => site(bus).publish("a", [], { scope: "tree", far: 1 } as never),
    'unknown option "far"',
  ],
])("a site refuses %s", (_title, ask, message) => {
  expect(() => ask(new ProcessBus({ platform: inline() }))).toThrow(message);
});
