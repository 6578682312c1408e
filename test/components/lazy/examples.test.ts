// Not in workerd: the examples are programs
import { expect, test } from "vitest";
import { type Program, runtime, start } from "../../spawn.ts";

function example(name: string, args: readonly string[]): Program {
  return start(`../../examples/${name}`, { args, timeoutMs: 20_000 });
}

/** What it printed, without what a runtime says of itself. */
function printed({ lines }: Pick<Program, "lines">): string[] {
  return lines.filter((line) => !/^\(Use `node --trace-warnings|ExperimentalWarning/.test(line));
}

async function read(url: string, path: string, method = "GET"): Promise<string> {
  return await (await fetch(new URL(path, url), { method })).text();
}

test("tenants.ts makes an application of each tenant's row, and another one when the row has changed", async (context) => {
  if (runtime === "node" && Number(process.versions.node.split(".")[0]) < 22) {
    context.skip("Node 20 has no node:sqlite");
  }
  const program = example("tenants", ["0"]);
  const url = await program.waitForLine("http://");
  expect(await read(url, "/ada")).toBe("Good morning, ada! (yours, ada)\n");
  const again = await Promise.all([read(url, "/ada"), read(url, "/grace"), read(url, "/ada")]);
  expect(again[1]).toBe("Ahoy, grace! (yours, grace)\n");
  expect(await read(url, "/ada?greeting=Good%20night", "PUT")).toBe("saved\n");
  expect(await read(url, "/ada")).toBe("Good night, ada! (yours, ada)\n");
  program.kill("SIGTERM");
  const exit = await program.exited;
  const lines = printed(exit).slice(1);
  expect(lines.slice(0, 3)).toEqual(["made: ada", "made: grace", "made: ada"]);
  expect(lines.slice(3).sort()).toEqual(["given up: ada", "given up: ada", "given up: grace"]);
  expect(exit.code).toBe(0);
});

test("examples/app_host has a warm shop, and a blog that comes and goes", async () => {
  const program = example("app_host/main", ["0", "300"]);
  const url = await program.waitForLine("http://");
  expect(printed(program)).toEqual(["shop: open", url]);
  expect(await read(url, "/shop/books")).toBe("books: 3 of them, told by the database of the shop\n");
  expect(await read(url, "/")).toBe("see /shop and /blog\n");
  expect(await read(url, "/blog")).toBe("a page of the blog, read for the first time\n");
  expect(await read(url, "/blog")).toBe("a page of the blog, read again\n");
  await program.waitForLine("blog: closed");
  expect(await read(url, "/blog")).toBe("a page of the blog, read for the first time\n");
  program.kill("SIGINT");
  const exit = await program.exited;
  expect(printed(exit).slice(2, 5)).toEqual(["blog: loaded", "blog: closed", "blog: loaded"]);
  expect(printed(exit).slice(5).sort()).toEqual(["blog: closed", "shop: closed"]);
  expect(exit.code).toBe(0);
});
