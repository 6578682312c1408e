import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { runtime } from "../spawn.ts";
import { place } from "./_asked.ts";

/** The processes of this test alone: as root, those of everybody are listed. */
function ours(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => line.startsWith(`${name} `));
}

describe("sitebus ps", { timeout: patient(60_000) }, () => {
  test("lists each process with its name, its pid, its state and its runtime", async () => {
    const { asked, run } = place();
    const [one, two] = await Promise.all([asked({ name: "ps-one" }), asked({ name: "ps-two" })]);
    const { code, lines } = await run("ps");
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^NAME +PID +STATE +READY +UP +/);
    const words = (name: string) => ours(lines, name)[0]?.split(/ {2,}/);
    expect(words("ps-one")?.slice(0, 4)).toEqual(["ps-one", `${one.pid}`, "run", "yes"]);
    expect(words("ps-two")?.slice(0, 4)).toEqual(["ps-two", `${two.pid}`, "run", "yes"]);
    expect(ours(lines, "ps-one")[0]?.toLowerCase()).toContain(`  ${runtime} `);
  });

  test("--json is the whole status of each", async () => {
    const { asked, run, sockets } = place();
    const { pid } = await asked({ name: "ps-json" });
    const { lines } = await run("ps", "--json");
    const list = JSON.parse(lines[0] ?? "") as { name: string }[];
    expect(list.find(({ name }) => name === "ps-json")).toMatchObject({
      ...{ pid, state: "run", ready: true, version: "1.2.3" },
      path: join(sockets, `ps-json-${pid}.sock`),
      components: [{ name: "db", state: "up" }],
    });
  });

  test("removes the socket of a process that was killed, also where its pid is used again", async () => {
    const { asked, run, sockets } = place();
    const program = await asked({ name: "ps-killed" });
    program.kill("SIGKILL");
    await program.exited;
    expect(readdirSync(sockets)).toEqual([`ps-killed-${program.pid}.sock`]);
    const { lines } = await run("ps");
    expect(ours(lines, "ps-killed")).toEqual([]);
    expect(readdirSync(sockets)).toEqual([]);
  });

  test("lists a process that lives and does not answer", async () => {
    const { asked, run } = place();
    const program = await asked({ name: "ps-silent" });
    program.kill("SIGSTOP");
    const { code, lines } = await run("ps");
    expect(ours(lines, "ps-silent")[0]).toMatch(new RegExp(`^ps-silent +${program.pid} +no answer`));
    expect(code).toBe(0);
  });

  test("leaves alone what is no socket, and what answers something else", async () => {
    const { run, sockets } = place();
    writeFileSync(join(sockets, "file-1.sock"), "");
    symlinkSync("/nowhere", join(sockets, "link-2.sock"));
    const server = createServer((socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\n{}"));
    await new Promise<void>((resolve) => server.listen(join(sockets, `other-${process.pid}.sock`), resolve));
    onTestFinished(() => void server.close());
    const { code, lines } = await run("ps");
    expect(code).toBe(0);
    expect([...ours(lines, "file"), ...ours(lines, "link")]).toEqual([]);
    expect(ours(lines, "other")[0]).toMatch(/no answer/);
    expect(existsSync(join(sockets, "file-1.sock"))).toBe(true);
  });

  test("shows no control characters of a process", async () => {
    const { run, sockets } = place();
    const status = { name: "a\x1b[31mred", pid: process.pid, state: "run\nx", runtime: "\x07" };
    const body = JSON.stringify(status);
    const server = createServer((socket) => {
      socket.on("data", () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    });
    await new Promise<void>((resolve) => server.listen(join(sockets, `evil-${process.pid}.sock`), resolve));
    onTestFinished(() => void server.close());
    const { lines } = await run("ps");
    expect(lines.find((line) => line.startsWith("ared"))).toMatch(/^ared +\d+ +run x/);
    for (const control of ["\x1b", "\x07"]) expect(lines.join("\n")).not.toContain(control);
  });

  test("refuses an argument", async () => {
    const { code, lines } = await place().run("ps", "shop");
    expect([code, lines]).toEqual([
      64,
      ['sitebus: ps has an argument "shop": expected none (see sitebus ps --help)'],
    ]);
  });
});
