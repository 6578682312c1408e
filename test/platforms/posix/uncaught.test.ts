import { describe, expect, test } from "vitest";
import { runtime, start } from "../../spawn.ts";

describe("uncaught errors", () => {
  test.each(["throw", "reject"])("stop the bus in order and exit with 70: %s", async (how) => {
    const { code, lines } = await start("uncaught", { args: [how, "run"] }).exited;
    expect(lines.join("\n")).toMatch(new RegExp(`nobody's ${how}.*uncaught\\.ts.*the cause`));
    expect(lines).toContain("stopped in order");
    expect(lines).toContain("code 70");
    expect(code).toBe(70);
  });

  test.each(["throw", "reject"])("do not interrupt a stop: %s", async (how) => {
    const { code, lines } = await start("uncaught", { args: [how, "stop"] }).exited;
    expect(lines.join("\n")).toMatch(new RegExp(`nobody's ${how}`));
    expect(lines).toContain("stopped in order");
    expect(code).toBe(70);
  });

  test.each([["throw", "exception"], ["reject", "rejection"]])(
    "are told in a record for programs: %s",
    async (how, kind) => {
      const { lines } = await start("uncaught", { args: [how, "run"] }).exited;
      expect(lines.filter((line) => line.startsWith("uncaught "))).toEqual([`uncaught ${kind}`]);
    },
  );

  test.for([["throw", "exception"], ["reject", "rejection"]] as const)(
    "are taken where they are of the kind that was asked for: %s",
    async ([how, kind]) => {
      const { code, lines } = await start("uncaught", { args: [how, "run", kind] }).exited;
      expect(lines).toContain("stopped in order");
      expect(code).toBe(70);
    },
  );

  test.for([["throw", "rejection"], ["reject", "exception"]] as const)(
    "are the runtime's own affair where the other kind was asked for: %s",
    async ([how, kind], context) => {
      if (runtime === "bun") context.skip("Bun goes on after them while a top-level await is pending");
      const { code, lines } = await start("uncaught", { args: [how, "run", kind] }).exited;
      expect(lines).not.toContain("stopped in order");
      expect(lines.join("\n")).toContain(`nobody's ${how}`);
      expect(code).toBe(1);
    },
  );

  test.for(["throw", "reject"])("are left to the runtime by default: %s", async (how, context) => {
    if (runtime === "bun") context.skip("Bun goes on after them while a top-level await is pending");
    const { code, lines } = await start("uncaught", { args: [how, "run", "default"] }).exited;
    expect(lines).not.toContain("stopped in order");
    expect(code).toBe(1);
  });
});
