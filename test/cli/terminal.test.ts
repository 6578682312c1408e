import { beforeEach, describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { sleep } from "../spawn.ts";
import { canMakeTerminal, onTerminal } from "./_in_terminal.ts";
import { moduleOf, untimed } from "./_serve.ts";

const SLOW = `
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const never = () => new Promise(() => {});
  export function setup(bus) {
    bus.use({
      name: "db",
      start: async () => {
        await wait(400);
        console.log("hello from db");
        process.stdout.write("half a line, ");
        await wait(400);
        process.stdout.write("and the rest\\n");
        console.error("goodbye from db");
        await wait(400);
      },
      stop: () => wait(600),
    });
    bus.use({ name: "mail", dependsOn: ["db"], start: () => wait(500), ...HANGS });
  }
  export default () => new Response("ok");`;
const slow = (hangs?: string) => {
  const methods = hangs === undefined ? "{}" : `{ ${hangs}: never }`;
  return moduleOf(`import process from "node:process";${SLOW.replace("HANGS", methods)}`);
};

describe("on a terminal", () => {
  beforeEach((context) => {
    if (!canMakeTerminal) context.skip("script(1), which makes a terminal, is not installed");
  });

  test("components show as they start and stop, and leave one line each", async () => {
    const program = onTerminal(slow());
    await program.shows(/^sitebus: db is starting, \d\.\d s$/);
    await program.shows(/^sitebus: mail waits for db$/);
    await program.shows(/^sitebus: mail is starting, \d\.\d s$/);
    await program.shows(/^sitebus: ready in \d+ ms$/);
    // The start block is the last thing that is printed before the stop.
    await program.shows(/Ctrl-C stops it$/);
    program.type("\x03");
    await program.shows(/^sitebus: db is stopping, \d\.\d s$/);
    expect(await program.exited).toBe(0);
    expect(untimed(program.screen.lines)).toEqual([
      "hello from db",
      "half a line, and the rest",
      "goodbye from db",
      "sitebus: db is up",
      "sitebus: mail is up",
      "sitebus: http is up",
      "sitebus: ready",
      "sitebus: SIGINT: stopping",
      "sitebus: http is drained",
      "sitebus: http is stopped",
      "sitebus: mail is stopped",
      "sitebus: db is stopped",
      "sitebus: stopped",
    ]);
    expect(program.screen.cursor).toEqual({ row: program.screen.lines.length, column: 0 });
    // It was never hidden.
    expect(program.written()).not.toContain("\x1b[?");
    expect(program.written()).toContain("\x1b[1mdb\x1b[22m is up");
  });

  test.each([
    ["start", "starting", /db|mail/],
    ["drain", "draining", /ready in/],
    ["stop", "stopping", /ready in/],
  ])("a second Ctrl-C ends what hangs in %s at once, and says who was late", async (hangs, doing, up) => {
    const program = onTerminal(slow(hangs), { NO_COLOR: "1" });
    await program.shows(up);
    if (hangs === "start") await program.shows(/^sitebus: mail is starting/);
    program.type("\x03");
    await program.shows(/^sitebus: SIGINT: stopping$/);
    await program.shows(new RegExp(`^sitebus: mail is ${doing}, \\d\\.\\d s$`));
    await program.shows(/Ctrl-C ends it at once$/);
    // Until then it counts as the first.
    await sleep(600);
    const began = performance.now();
    program.type("\x03");
    expect(await program.exited).toBe(130);
    expect(performance.now() - began).toBeLessThan(patient(2000));
    const { lines, cursor } = program.screen;
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(
        new RegExp(`^sitebus: SIGINT again: ended at once; cut "mail" on "${hangs}" after \\d+\\.\\d s$`),
      ),
      expect.stringMatching(/^sitebus: stopped in \d+ ms, exit code 130$/),
    ]);
    expect(lines.join("\n")).not.toMatch(/ing, \d|waits for "?db|Ctrl-C ends/);
    expect(cursor).toEqual({ row: lines.length, column: 0 });
    expect(program.written().split("\x1b[")).not.toContainEqual(expect.stringMatching(/^[\d;]*m|^\?/));
  });

  test("the terminal is left as it was where the application ends the process", async () => {
    const program = onTerminal(moduleOf(`
      export const setup = (bus) => void bus.use({ name: "db", start: () => new Promise(() => {
        setTimeout(() => globalThis.process.exit(3), 500);
      }) });
      export default () => new Response("ok");`));
    await program.shows(/^sitebus: db is starting/);
    expect(await program.exited).toBe(3);
    expect(program.screen.lines).toEqual([]);
    expect(program.screen.cursor).toEqual({ row: 0, column: 0 });
    expect(program.written()).not.toContain("\x1b[?");
  });

  test("what a child process prints is not lost", async () => {
    const program = onTerminal(moduleOf(`
      import { spawn } from "node:child_process";
      export const setup = (bus) => void bus.use({ name: "db", start: () => new Promise((resolve) => {
        const script = "for i in 1 2 3 4 5 6; do printf 'step %s ' $i; sleep 0.15; printf 'is done\\\\n'; done";
        spawn("/bin/sh", ["-c", script], { stdio: "inherit" }).on("exit", resolve);
      }) });
      export default () => new Response("ok");`));
    await program.shows(/^sitebus: db is starting/);
    await program.shows(/^sitebus: ready/);
    expect(program.screen.lines.slice(0, 7)).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((step) => `step ${step} is done`),
      expect.stringMatching(/^sitebus: db is up in \d+ ms$/),
    ]);
    program.type("\x03");
    expect(await program.exited).toBe(0);
  });

  test("that is dumb, lines are plain", async () => {
    const program = onTerminal(slow(), { TERM: "dumb", NO_COLOR: "1" });
    await program.shows(/^sitebus: ready/);
    program.type("\x03");
    expect(await program.exited).toBe(0);
    expect(program.written()).not.toContain("\x1b");
    expect(program.written()).not.toContain("is starting");
  });
});
