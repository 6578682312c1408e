import { expect, test } from "vitest";
import { start } from "../../spawn.ts";

test.for(["process", "thread"])(
  "a %s ends with its embedded bus: with its code, by force where it must",
  async (kind) => {
    const program = start("embedded_owner", { args: [kind] });
    const line = await program.waitForLine("ended with");
    const [, code, ms] = /with (\w+) after (\d+)/.exec(line)!;
    expect(code).toBe("3");
    expect(Number(ms)).toBeLessThan(5000);
    expect((await program.exited).lines.join("\n")).toContain("is ended by force");
  },
);
