import { expect, test } from "vitest";
import { start } from "../../spawn.ts";

const LONG_MS = 60_000;

test("a reload reaches all processes and threads of the tree, or none", async () => {
  const program = start("unit_reload", { timeoutMs: LONG_MS });
  await program.waitForLine("done");
  const { lines } = program;
  /** What the site and its units have after a step: one color, where all have the same. */
  const after = (what: string): { readonly site: string; readonly units: string } => {
    const begin = lines.findIndex((line) => line.startsWith(`--- ${what}, `));
    const rest = lines.slice(begin + 1);
    const end = rest.findIndex((line) => line.startsWith("--- ") || line === "done");
    const colors = rest.slice(0, end).flatMap((line) => {
      const [, name, color] = /^color of (\S+) .* is (\w+)$/.exec(line) ?? [];
      return name === undefined ? [] : [`${name} ${color}`];
    });
    const [, site = ""] = /the site has (\w+)/.exec(lines[begin] ?? "") ?? [];
    return { site, units: colors.sort().join() };
  };
  const names = ["inner/1", "inner/1", "lone/1", "lone/2", "web/1", "web/2"];
  const all = (color: string) => ({ site: color, units: names.map((name) => `${name} ${color}`).join() });

  expect(after("started")).toEqual(all("white"));
  expect(after("red")).toEqual(all("red"));
  for (const from of ["a thread", "a process", "an inner thread", "the site"]) {
    expect(after(`veto of ${from}`)).toEqual(all("red"));
  }
  expect(lines).toContainEqual(
    expect.stringMatching(/^veto of a process: .*the unit "web\/2" vetoed it: .*web\/2 does not like black/),
  );
  // One died while it prepared: those that are left have what they had.
  expect(after("death").site).toBe("red");
  expect(after("death").units).not.toContain("black");
  expect(lines).toContainEqual(expect.stringMatching(/^death: .*the unit "web\/1" ended/));
  // It was replaced, and has what all have.
  expect(after("blue")).toEqual(all("blue"));
  // One that voted and could not commit is replaced by one that has it.
  expect(after("bad commit")).toEqual(all("green"));
  expect(lines).toContainEqual(
    expect.stringContaining('Unit "web/1" has voted for a reload and could not commit it, it is replaced:'),
  );
  // A unit's own reload is that of all, however many ask at the same time.
  expect(after("all asked at once")).toEqual(all("yellow"));
  expect(lines.filter((line) => line.includes("changed all to yellow"))).toHaveLength(6);
  // What starts later has the newest.
  expect(after("rolled")).toEqual(all("yellow"));
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);
