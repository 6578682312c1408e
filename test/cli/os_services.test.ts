import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { folder, isLinux, isRoot, LONG_MS, startManager } from "../components/os/_service.ts";
import { sleep } from "../spawn.ts";
import { moduleOf, serving, sitebus } from "./_serve.ts";

/** Says who it runs as; at /spin it never gives the thread back. */
const WHO = `
  import process from "node:process";
  export default (request) => {
    if (request.url.endsWith("/spin")) for (;;);
    return new Response(process.geteuid() + " " + process.pid);
  };`;

const SPINS_IN_STOP = `${WHO}
  export const setup = (bus) => void bus.use({ name: "db", stop: () => { for (;;); } });`;

const ask = async (url: string) => await (await fetch(url)).text();

describe("serve --pid-file", () => {
  test("writes the number of the process, and a second one does not start", async () => {
    const path = join(folder(), "app.pid");
    const module = moduleOf(WHO);
    const program = await serving(module, "--pid-file", path);
    expect(await ask(program.url)).toContain(` ${readFileSync(path, "utf8").trim()}`);
    const second = await sitebus(["serve", module, "--port", "0", "--pid-file", path]).exited;
    expect([second.code, second.lines.join("\n")]).toEqual([
      70,
      expect.stringMatching(new RegExp(`pidFile did not start: .*process ${program.pid} has it`)),
    ]);
    program.kill("SIGTERM");
    expect([(await program.exited).code, existsSync(path)]).toEqual([0, false]);
  }, LONG_MS);
});

describe("serve --user", () => {
  test("serves as that user, once the port is open", async (context) => {
    if (!isRoot || !isLinux) context.skip("needs root on Linux");
    const program = await serving(
      readableByAll(WHO),
      "--user",
      "nobody",
      "--umask",
      "027",
      "--pid-file",
      join(folder(), "a"),
    );
    expect(await ask(program.url)).toBe(`65534 ${program.pid}`);
    expect(program.lines.join("\n")).toContain('Runs as user "nobody", group 65534');
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("with --workers has the workers run as that user, and a roll too", async (context) => {
    if (!isRoot || !isLinux) context.skip("needs root on Linux");
    const program = await workers(
      readableByAll(WHO),
      "--workers",
      "1",
      "--user",
      "nobody",
      "--group",
      "nogroup",
    );
    const [user, pid] = (await ask(program.url)).split(" ");
    expect(user).toBe("65534");
    expect(userOf(program.pid)).toBe(0);
    program.kill("SIGHUP");
    await program.waitForLine("rolled");
    const [user2, pid2] = (await ask(program.url)).split(" ");
    expect([user2, pid2 === pid]).toEqual(["65534", false]);
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("that does not exist is an error of the configuration", async () => {
    const { code, lines } = await sitebus(["serve", moduleOf(WHO), "--port", "0", "--user", "no-such-user"])
      .exited;
    expect([code, lines.join("\n")]).toEqual([
      78,
      expect.stringContaining('there is no user "no-such-user"'),
    ]);
  }, LONG_MS);
});

describe("a service that stands still", () => {
  test("in its stop is ended half a second after the deadline, with the name of the component", async () => {
    const program = await serving(moduleOf(SPINS_IN_STOP), "--stop-within", "4s");
    program.kill("SIGTERM");
    const { signal, lines } = await program.exited;
    expect([signal, lines.at(-1)]).toEqual([
      "SIGKILL",
      expect.stringMatching(
        /^sitebus: error: The process is ended by force: its event loop has stood still for 1\d\d\d ms; "db" on "stop" was called last$/,
      ),
    ]);
  }, LONG_MS);

  test("while it serves is ended where --watchdog says so", async () => {
    const program = await serving(moduleOf(WHO), "--watchdog", "900ms");
    await sleep(patient(1_200));
    expect(await ask(program.url)).toContain(" ");
    fetch(`${program.url}spin`).catch(() => {});
    const { signal, lines } = await program.exited;
    expect([signal, lines.at(-1)]).toEqual([
      "SIGKILL",
      expect.stringMatching(/stood still for \d+ ms; the bus was at rest in "run"$/),
    ]);
  }, LONG_MS);
});

describe("serve under systemd", () => {
  test(
    "tells where it serves, and that it stops; a listener may take more time than --stop-within",
    async (context) => {
      if (!isLinux) context.skip("systemd is Linux's");
      const manager = await startManager(`@sitebus-serve-${process.pid}`);
      const program = sitebus(["serve", moduleOf(EXTENDS), "--port", "0", "--stop-within", "4s"], {
        env: { NOTIFY_SOCKET: manager.address },
      });
      await manager.told("READY=1");
      expect(await manager.told("STATUS=Serving")).toMatch(
        new RegExp(`^${program.pid} \\d+: .*STATUS=Serving .*http://127`),
      );
      program.kill("SIGTERM");
      await manager.told("STOPPING=1");
      const { code, lines } = await program.exited;
      expect([code, lines.join("\n")]).toEqual([0, expect.stringContaining("granted 600")]);
    },
    LONG_MS,
  );

  test("is told nothing without NOTIFY_SOCKET, and gives no more time", async () => {
    const program = await serving(moduleOf(EXTENDS), "--stop-within", "4s");
    program.kill("SIGTERM");
    const { lines } = await program.exited;
    expect(lines.join("\n")).toContain("granted 0");
  }, LONG_MS);
});

const EXTENDS = `
  export default () => new Response("hello");
  export const setup = (bus) => void bus.use({
    name: "db",
    start: () => {},
    stop: (_, phase) => console.log("granted " + Math.round(phase.extend(600))),
  });`;

describe("what is typed wrongly", () => {
  test.each([
    [["--umask", "9"], '--umask is "9": expected three octal digits, such as 027'],
    [["--user", "a b"], '--user is "a b": expected a name or a number, such as www-data'],
    [["--watchdog", "10ms"], "--watchdog is 10 ms: expected at least 300 ms"],
    [["--watchdog", "soon"], '--watchdog is "soon": expected a time'],
  ])("%j is a usage error", async (words, message) => {
    const { code, lines } = await sitebus(["serve", moduleOf(WHO), ...words]).exited;
    expect([code, lines.join("\n")]).toEqual([64, expect.stringContaining(message)]);
  }, LONG_MS);
});

/** A module that somebody who is not root can read. */
function readableByAll(source: string): string {
  const path = moduleOf(source);
  chmodSync(dirname(path), 0o755);
  return path;
}

/** Starts with workers, and waits until they serve. */
async function workers(module: string, ...args: string[]) {
  const program = sitebus(["serve", module, "--port", "0", ...args], {
    timeoutMs: LONG_MS,
    env: { HOME: folder() },
  });
  const line = await program.waitForLine("at http://");
  return { ...program, url: /http:\/\/\S+/.exec(line)![0] };
}

function userOf(pid: number): number {
  return statSync(`/proc/${pid}`).uid;
}
