import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, wait } from "../reload/_bus.ts";
import { LOCALHOST, OTHER, type Pair } from "../reload/_certificates.ts";
import { type Program, start } from "../../spawn.ts";
import { untilTimes } from "./_site_program.ts";

const LONG_MS = 60_000;
const UNITS = ["lone/1", "lone/2", "web/1", "web/2"];

/** A site with two processes and two threads, each of which uses the same files. */
async function newSite(how: "watched" | "unwatched") {
  const folder = newFolder();
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, `${file}.new`), text);
    renameSync(join(folder, `${file}.new`), join(folder, file));
  };
  const greet = (greeting: string) => write("shop.json", JSON.stringify({ greeting }));
  const certify = ({ cert, key }: Partial<Pair>, prefix = "") => {
    if (key !== undefined) write(`${prefix}key.pem`, key);
    if (cert !== undefined) write(`${prefix}cert.pem`, cert);
  };
  greet("Hello");
  certify(LOCALHOST);
  certify(OTHER, "other-");
  certify({ cert: LOCALHOST.cert, key: OTHER.key }, "bad-");
  const program = start("unit_files", { args: [folder, how], input: true, timeoutMs: LONG_MS });
  await program.waitForLine("runs");
  let reports = 0;
  /** What the units say, and which certificates they show: one of each, where all have the same. */
  const said = async () => {
    const number = String(++reports);
    program.write(`report ${number}\n`);
    await untilTimes(program, `report ${number}: `, UNITS.length);
    const lines = program.lines.filter((line) => line.startsWith(`report ${number}: `));
    expect(lines.map((line) => line.split(" ")[2]).sort()).toEqual(UNITS);
    return [...new Set(lines.map((line) => line.replace(/^.* says /, "")))];
  };
  return { program, greet, certify, said };
}

async function ends(program: Program): Promise<void> {
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}

test("a file that all units watch is one reload, and all have the same afterwards, or none", async () => {
  const { program, greet, certify, said } = await newSite("watched");
  expect(await said()).toEqual(["Hello as localhost"]);
  greet("Welcome");
  await program.waitForLine("[site] Reloaded: generation 1");
  expect(await said()).toEqual(["Welcome as localhost"]);
  certify(OTHER);
  await program.waitForLine("[site] Reloaded: generation 2");
  expect(await said()).toEqual(["Welcome as other.localhost"]);
  // One unit does not take it.
  greet("rude");
  await program.waitForLine("was vetoed");
  expect(await said()).toEqual(["Welcome as other.localhost"]);
  greet("Good morning");
  await program.waitForLine("[site] Reloaded: generation 3");
  expect(await said()).toEqual(["Good morning as other.localhost"]);
  // What the others saw later than the first has asked for nothing more; and settings stay what they are.
  await wait(500);
  expect(program.lines.filter((line) => line.includes("[site] Reloaded"))).toHaveLength(3);
  expect(await program.waitForLine("done report 1:")).toContain("the site has white");
  program.write("report last\n");
  expect(await program.waitForLine("done report last:")).toContain("the site has white");
  await ends(program);
}, LONG_MS);

test("a file that changes all the time ends as the same in all units", async () => {
  const { program, greet, said } = await newSite("watched");
  for (let turn = 1; turn <= 60; turn++) {
    greet(`Hello ${turn}`);
    await wait(turn * 37 % 100);
  }
  let last: string[] = [];
  for (let look = 0; last.join() !== "Hello 60 as localhost" && look < 50; look++) {
    await wait(100);
    last = await said();
  }
  expect(last).toEqual(["Hello 60 as localhost"]);
  expect(program.lines.filter((line) => line.includes("[site] Reloaded")).length).toBeGreaterThan(1);
  await ends(program);
}, LONG_MS);

test("a certificate that one unit was given is shown by all, or by none", async () => {
  const { program, said } = await newSite("unwatched");
  program.write("upload web/1 other\n");
  expect(await program.waitForLine("web/1 uploaded other")).toContain("in use");
  // When it has resolved, all have it.
  expect(await said()).toEqual(["Hello as other.localhost"]);
  program.write("upload lone/2 bad\n");
  expect(await program.waitForLine("lone/2 uploaded bad")).toContain("is the key of another one");
  expect(await said()).toEqual(["Hello as other.localhost"]);
  await ends(program);
}, LONG_MS);
