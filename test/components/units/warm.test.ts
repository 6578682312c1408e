import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../reload/_bus.ts";
import { start } from "../../spawn.ts";
import { ask, LONG_MS, untilTimes } from "./_site_program.ts";

const UNITS = ["lone/1", "lone/2", "web/1", "web/2"];

test(
  "warm: every process and thread has opened its database before its first request, and makes nothing after that",
  async () => {
    const path = join(newFolder(), "shop.db");
    writeFileSync(path, "rows");
    const program = start("unit_warm", { args: [path], timeoutMs: LONG_MS });
    await program.waitForLine("all are ready");
    await untilTimes(program, "is ready at", UNITS.length);
    const before = [...program.lines];
    const ports = before.flatMap((line) => /^(\S+) is ready at (\d+)$/.exec(line)?.slice(1, 3) ?? []);
    expect(
      before.filter((line) => line.endsWith("opens its database")).map((line) => line.split(" ")[0]).sort(),
    )
      .toEqual(UNITS);
    for (const unit of UNITS) {
      expect(before.indexOf(`${unit} opens its database`)).toBeLessThan(
        before.findIndex((line) => line.startsWith(`${unit} is ready at`)),
      );
      const port = Number(ports[ports.indexOf(unit) + 1]);
      const answers = [await ask(port), await ask(port), await ask(port)];
      expect(answers).toEqual(Array.from({ length: 3 }, () => `${unit} made 1, opened 1, read 4`));
    }
    expect(program.lines).toEqual(before);
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  },
  LONG_MS,
);
