import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type } from "arktype";
import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { guest } from "../../../mod.ts";
import { configFile, type ConfigFileOptions, type SchemaLike } from "../../../components/reload.ts";
import { newBus, newFolder, wait } from "./_bus.ts";

const QUICK = { timeout: 3_000, interval: 5 };

interface Greeting {
  readonly greeting: string;
}

/** A bus that runs, and uses a file with a greeting. */
async function newConfig(options: ConfigFileOptions<Greeting> = {}) {
  const path = join(newFolder(), "shop.json");
  const write = (greeting: unknown) => writeFileSync(path, JSON.stringify({ greeting }));
  write("Hello");
  const { bus, log, said } = newBus();
  const handle = bus.use(configFile<Greeting>(bus, path, options));
  await bus.start();
  return { path, write, bus, log, said, handle, current: () => handle.value.current.greeting };
}

test("the content is there when the bus runs, and is committed when the file changes", async () => {
  const { write, current, bus, log, handle } = await newConfig();
  const first = handle.value.current;
  expect([handle.name, first.greeting]).toEqual(["shop.json", "Hello"]);
  write("Welcome");
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
  expect(first.greeting).toBe("Hello");
  const reasons = log.filter(({ event }) => event === "file").map(({ message }) => message);
  expect(reasons.length).toBe(1);
  expect(reasons[0]).toMatch(/^Reloads, since ".*shop\.json" has changed$/);
  expect(await bus.reload()).toBe(2);
});

test("a reload that somebody asks for reads the file again, also where it is not watched", async () => {
  const { write, current, bus } = await newConfig({ watch: false });
  write("Welcome");
  await wait(150);
  expect(current()).toBe("Hello");
  await bus.reload();
  expect(current()).toBe("Welcome");
});

test("a file that is saved without a change reloads nothing", async () => {
  const { write, log, bus } = await newConfig();
  const reloads = vi.fn();
  bus.subscribe("reload", reloads);
  write("Hello");
  await wait(150);
  expect([reloads.mock.calls.length, log.filter(({ event }) => event === "file")]).toEqual([0, []]);
});

test("a wrong file is a veto: the log says where it is wrong, and the last one stays", async () => {
  const { path, write, current, bus, said } = await newConfig();
  writeFileSync(path, '{\n  "greeting": "Welcome",\n}');
  await vi.waitFor(() => expect(said("error").join()).toContain("no JSON at line 3, column 1"), QUICK);
  expect(current()).toBe("Hello");
  await expect(bus.reload()).rejects.toThrow(`Cannot use "${path}": it is no JSON at line 3, column 1`);
  write("Welcome");
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
});

test("a wrong file is refused once, and not again while nothing changes", async () => {
  const { path, said } = await newConfig({ pollMs: 30 });
  writeFileSync(path, "{");
  await vi.waitFor(() => expect(said("error").length).toBe(1), QUICK);
  await wait(200);
  expect(said("error").length).toBe(1);
});

test("where somebody else vetoes, the last configuration stays", async () => {
  const { write, current, bus } = await newConfig();
  let isBusy = true;
  const seen: string[] = [];
  bus.subscribe("reload", () => {
    seen.push(current());
    if (isBusy) throw new Error("not now");
  });
  write("Welcome");
  await vi.waitFor(() => expect(seen).toEqual(["Hello"]), QUICK);
  await wait(50);
  expect(current()).toBe("Hello");
  isBusy = false;
  await bus.reload();
  expect(current()).toBe("Welcome");
});

test.each([
  ["empty", "", "it is empty"],
  ["half written", '{"greeting":"Wel', "it is no JSON at line 1, column 13"],
])("a file that is %s is refused, and one that is whole again is taken", async (_, text, why) => {
  const { path, write, current, said } = await newConfig();
  writeFileSync(path, text);
  await vi.waitFor(() => expect(said("error").join()).toContain(why), QUICK);
  expect(current()).toBe("Hello");
  write("Welcome");
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
});

test("a file that is written in two steps, quickly, is read when it is whole", async () => {
  const { path, current, said } = await newConfig();
  writeFileSync(path, "");
  await wait(15);
  writeFileSync(path, '{"greeting":"Wel');
  await wait(15);
  writeFileSync(path, '{"greeting":"Welcome"}');
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
  expect(said("error")).toEqual([]);
});

test("an editor that saves by a rename is seen, time after time", async () => {
  const { path, current } = await newConfig();
  for (const greeting of ["one", "two", "three"]) {
    writeFileSync(`${path}.tmp`, JSON.stringify({ greeting }));
    renameSync(`${path}.tmp`, path);
    await vi.waitFor(() => expect(current()).toBe(greeting), QUICK);
  }
});

test("a file that is gone for a moment is nothing to speak of", async () => {
  const { path, write, current, said } = await newConfig();
  rmSync(path);
  await wait(120);
  write("Welcome");
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
  expect([said("warn"), said("error")]).toEqual([[], []]);
});

test("a file that stays away is said once, and the last configuration stays until the file is back", async () => {
  const { path, write, current, said, bus } = await newConfig({ pollMs: 50 });
  rmSync(path);
  await vi.waitFor(() => expect(said("warn").length).toBe(1), QUICK);
  await wait(200);
  expect(said("warn")).toEqual([
    `Cannot read "${path}": there is no such file, the last configuration stays`,
  ]);
  await expect(bus.reload()).rejects.toThrow("there is no such file");
  expect(current()).toBe("Hello");
  write("Welcome");
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
});

test("a folder in its place is said once", async () => {
  const { path, write, current, said } = await newConfig({ pollMs: 50 });
  rmSync(path);
  mkdirSync(path);
  await vi.waitFor(() => expect(said("warn").length).toBe(1), QUICK);
  await wait(150);
  expect(said("warn")).toEqual([`Cannot read "${path}": it is a folder, the last configuration stays`]);
  rmSync(path, { recursive: true });
  write("Welcome");
  await vi.waitFor(() => expect(current()).toBe("Welcome"), QUICK);
});

test("a file that is replaced 100 times in a second ends with its last content, in few reloads", async () => {
  const { path, current, bus, said } = await newConfig();
  const reloads = vi.fn();
  bus.subscribe("reload", reloads);
  for (let nth = 1; nth <= 100; nth++) {
    writeFileSync(`${path}.tmp`, JSON.stringify({ greeting: `number ${nth}` }));
    renameSync(`${path}.tmp`, path);
    await wait(10);
  }
  await vi.waitFor(() => expect(current()).toBe("number 100"), QUICK);
  expect(reloads.mock.calls.length).toBeLessThanOrEqual(10);
  expect(said("error")).toEqual([]);
});

test("a stop ends the watch, and the next start reads the file", async () => {
  const { write, current, bus, log } = await newConfig();
  await bus.stop();
  write("Welcome");
  await wait(150);
  expect(log.some(({ event }) => event === "file")).toBe(false);
  await bus.start();
  expect(current()).toBe("Welcome");
  write("Good evening");
  await vi.waitFor(() => expect(current()).toBe("Good evening"), QUICK);
});

test("a file that cannot be used fails the start, and says why", async () => {
  const { bus } = newBus();
  const path = join(newFolder(), "none.json");
  bus.use(configFile(bus, path));
  await expect(bus.start()).rejects.toThrow(`Cannot read "${path}": there is no such file`);
});

test("a guest with the right reloads the bus for its own file", async () => {
  const { bus } = newBus();
  const path = join(newFolder(), "tenant.json");
  writeFileSync(path, "1");
  const tenant = guest(bus, "tenant", ["reload"]);
  const handle = tenant.use(configFile<number>(tenant, pathToFileURL(path), { name: "settings" }));
  await bus.start();
  await handle.ready;
  expect([handle.name, handle.value.current]).toEqual(["tenant/settings", 1]);
  writeFileSync(path, "2");
  await vi.waitFor(() => expect(handle.value.current).toBe(2), QUICK);
});

test.each([
  ["zod", z.object({ greeting: z.string(), workers: z.number().default(1) })],
  ["valibot", v.object({ greeting: v.string(), workers: v.optional(v.number(), 1) })],
  ["arktype", type({ greeting: "string", workers: "number = 1" })],
])("a schema of %s checks the content, and its output is the configuration", async (_, schema) => {
  const { bus, said } = newBus();
  const path = join(newFolder(), "shop.json");
  writeFileSync(path, '{"greeting":"Hello"}');
  const config = bus.use(
    configFile(bus, path, { schema: schema as SchemaLike<{ greeting: string; workers: number }> }),
  );
  await bus.start();
  expect(config.value.current).toEqual({ greeting: "Hello", workers: 1 });
  writeFileSync(path, '{"greeting":7,"workers":"many"}');
  await vi.waitFor(() => expect(said("error").length).toBe(1), QUICK);
  expect(said("error")[0]).toMatch(/"greeting": .*(Invalid|must be).*; "workers": .*(Invalid|must be)/);
  expect(config.value.current.greeting).toBe("Hello");
});

test("a schema that is asynchronous is waited for", async () => {
  const schema = z.object({
    greeting: z.string().refine(async (text) => {
      await wait(10);
      return text !== "Goodbye";
    }, "is no greeting"),
  });
  const { write, current, bus } = await newConfig({ schema });
  write("Goodbye");
  await expect(bus.reload()).rejects.toThrow('"greeting": is no greeting');
  write("Welcome");
  await bus.reload();
  expect(current()).toBe("Welcome");
});

test("a schema that throws is a veto", async () => {
  let isBroken = false;
  const schema: SchemaLike<Greeting> = {
    "~standard": {
      validate: (value) => {
        if (isBroken) throw new Error("schema is broken");
        return { value: value as Greeting };
      },
    },
  };
  const { path, write, current, bus } = await newConfig({ schema });
  isBroken = true;
  write("Welcome");
  await expect(bus.reload()).rejects.toThrow(`Cannot use "${path}": schema is broken`);
  expect(current()).toBe("Hello");
});

test("a schema that finds much names the first few places", async () => {
  const issues = Array.from(
    { length: 5 },
    (_, nth) => ({ message: "is wrong", path: ["list", { key: nth }] }),
  );
  const { bus } = newBus();
  const path = join(newFolder(), "a.json");
  writeFileSync(path, "[]");
  bus.use(configFile(bus, path, { schema: { "~standard": { validate: () => ({ issues }) } } }));
  await expect(bus.start()).rejects.toThrow(
    `Cannot use "${path}": "list.0": is wrong; "list.1": is wrong; "list.2": is wrong; and 2 more`,
  );
});

test("a format of one's own is parsed as told, also asynchronously", async () => {
  const { bus } = newBus();
  const path = join(newFolder(), "shop.ini");
  writeFileSync(path, "greeting=Hello");
  const parse = async (text: string) => {
    if (!text.includes("=")) throw new Error("line 1 has no =");
    return Object.fromEntries([text.split("=")]);
  };
  const config = bus.use(configFile<Greeting>(bus, path, { parse }));
  await bus.start();
  expect(config.value.current).toEqual({ greeting: "Hello" });
  writeFileSync(path, "nothing");
  await expect(bus.reload()).rejects.toThrow(`Cannot use "${path}": line 1 has no =`);
});

test.each([
  [{}, "a.json", {}, 'the bus is an object, expected a bus, or a guest with the right "reload"'],
  [undefined, "a.json", {}, "the bus is undefined, expected a bus"],
  [newBus, "", {}, 'the path is "", expected a path or a file URL'],
  [newBus, new URL("http://localhost/a.json"), {}, "the path is an object, expected a path or a file URL"],
  [newBus, "a.json", { parse: 1 }, '"parse" is 1, expected a function'],
  [newBus, "a.json", { schema: {} }, '"schema" is an object, expected a Standard Schema'],
  [newBus, "a.json", { watch: 1 }, '"watch" is 1, expected true or false'],
  [newBus, "a.json", { pollMs: -1 }, '"pollMs" is -1, expected milliseconds'],
  [newBus, "a.json", { pollMs: 0 }, '"pollMs" is 0, expected milliseconds from 10'],
  [newBus, "a.json", { name: "" }, 'the name is "", expected a string'],
  [newBus, "a.json", { settle: 1 }, 'unknown option "settle"'],
])("bad input is refused by name: %#", (bus, path, options, message) => {
  const given = typeof bus === "function" ? bus().bus : bus;
  expect(() => configFile(given as never, path, options as never)).toThrow(message);
});
