import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { sleep } from "../spawn.ts";
import { moduleOf, sitebus } from "./_serve.ts";

test("a full pipe that nobody reads delays the program once, and not at each line", async () => {
  const module = moduleOf(`
    import { renameSync, writeFileSync } from "node:fs";
    export function setup(bus) {
      bus.subscribe("run", () => {
        const since = performance.now();
        for (let i = 0; i < 2000; i++) bus.log("a line of some hundred characters ".repeat(4));
        writeFileSync(import.meta.filename + ".new", String(performance.now() - since));
        renameSync(import.meta.filename + ".new", import.meta.filename + ".ms");
      });
    }
    export default () => new Response("ok");`);
  const program = sitebus(["serve", module, "--port", "0"], { reads: false });
  while (!existsSync(`${module}.ms`)) await sleep(20);
  expect(Number(readFileSync(`${module}.ms`, "utf8"))).toBeLessThan(patient(5000));
  program.read();
  // What is printed while the pipe is still full is lost: a slow reader has to take what is in it first.
  for (let seen = -1; program.lines.length !== seen; await sleep(200)) seen = program.lines.length;
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(code).toBe(0);
  // A line that was cut off ends there, and the later ones are whole.
  expect(lines.at(-1)).toMatch(/^sitebus: stopped in \d+ ms, exit code 0$/);
  expect(lines.filter((line) => !line.startsWith("sitebus: "))).toEqual([]);
});
