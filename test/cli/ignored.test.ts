import { describe, expect, test } from "vitest";
import { ignoredOf } from "../../cli/ignored.ts";
import { moduleOf, serving } from "./_serve.ts";

const fetch_ = () => new Response();

describe("what a default export says in vain", () => {
  test("is warned of, key by key", () => {
    const warnings = ignoredOf({ fetch: fetch_, port: 8080, routes: {}, websocket: {}, name: "shop" });
    expect(warnings.map((line) => line.split(":")[0])).toEqual([
      '"port" of the default export is ignored',
      '"routes" of the default export is ignored',
      '"websocket" of the default export is ignored',
    ]);
    expect(warnings[0]).toContain("use --port");
  });

  test.each<[what: string, main: unknown]>([
    ["a function", fetch_],
    ["what has no more than it needs", { fetch: fetch_ }],
    [
      "an application of a framework, whatever it has",
      new (class {
        routes = [];
        fetch = fetch_;
      })(),
    ],
  ])("is nothing in %s", (_, main) => {
    expect(ignoredOf(main)).toEqual([]);
  });

  test("is said by sitebus serve", async () => {
    const program = await serving(
      moduleOf(`export default { port: 1, routes: {}, fetch: () => new Response("ok") };`),
    );
    expect(await (await fetch(program.url)).text()).toBe("ok");
    await program.waitForLine('"port" of the default export is ignored: use --port');
    await program.waitForLine('"routes" of the default export is ignored');
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });
});
