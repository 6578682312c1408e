import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { systemd } from "../../../components/os.ts";
import { loadLibc } from "../../../platforms/process/libc.ts";
import { patient } from "../../../scripts/patience.ts";
import { type Program, runtime, sleep } from "../../spawn.ts";
import { folder, isLinux, isRoot, LONG_MS, NOBODY, startManager, startService } from "./_service.ts";

/** Whether this runtime sends by itself; else the program systemd-notify does it for root. */
const sendsItself = (() => {
  try {
    return loadLibc() !== undefined;
  } catch {
    return false;
  }
})();
const hasNotify = spawnSync("systemd-notify", ["--version"]).status === 0;

/** Skips where nothing can be told. */
function requireWay({ skip }: { skip(why: string): void }): void {
  if (!isLinux) skip("systemd is Linux's");
  if (!sendsItself && !hasNotify) {
    skip("this version of Node needs koffi or systemd-notify, and neither is here");
  }
  if (!sendsItself && !isRoot) skip("only root may send in the name of another process");
}

/** What was told about a process, without the process; each line must have come from it. */
function told(lines: readonly string[], { pid }: Program): string[] {
  const rest = lines.slice(1).filter((line) => !line.includes("WATCHDOG"));
  for (const line of rest) expect(line).toMatch(new RegExp(`^${pid} `));
  return rest.map((line) => line.replace(/^\d+ \d+: (MAINPID=\d+ )?/, "").replace(/(USEC=)\d+/, "$1…"));
}

const START = ["STATUS=Starting", "EXTEND_TIMEOUT_USEC=…", "READY=1 STATUS=Running"];
const STOP = [
  "STOPPING=1 STATUS=Finishing what is under way",
  "EXTEND_TIMEOUT_USEC=…",
  "STATUS=Stopping the components",
  "EXTEND_TIMEOUT_USEC=…",
  "STATUS=Idle",
  "STATUS=Ending",
  "EXTEND_TIMEOUT_USEC=…",
];

describe("a service manager", () => {
  test.each([["by a path", false], ["by an abstract name", true]])(
    "is told of start, reload and stop %s, by the process itself",
    async (_, isAbstract) => {
      if (!isLinux || !sendsItself && !(hasNotify && isRoot)) return;
      const manager = await startManager(isAbstract ? `@sitebus-${process.pid}` : join(folder(), "notify"));
      const program = startService({ systemd: true, then: "reload" }, {
        env: { NOTIFY_SOCKET: manager.address },
      });
      const line = await manager.told("RELOADING=1");
      // The manager compares it with its own clock of the same kind.
      const micros = Number(/MONOTONIC_USEC=(\d+)/.exec(line)?.[1]);
      expect(Math.abs(monotonicMs() - micros / 1000)).toBeLessThan(patient(10_000));
      await program.waitForLine("runs");
      await sleep(patient(200));
      program.kill("SIGTERM");
      expect((await program.exited).code).toBe(0);
      await manager.told("STOPPING=1");
      await sleep(patient(300));
      const all = told(manager.lines, program);
      const begin = [...START, "RELOADING=1 MONOTONIC_USEC=… STATUS=Reloading", "READY=1 STATUS=Running"];
      // A process that sends by a program may have ended before the last messages are sent.
      expect(all.slice(0, sendsItself ? 99 : begin.length + 1)).toEqual(
        sendsItself ? [...begin, ...STOP] : [...begin, STOP[0]],
      );
    },
    LONG_MS,
  );

  test("is told that a reload is over also where it was vetoed", async (context) => {
    requireWay(context);
    const { all } = await lifeUntil("veto", "READY=1 STATUS=Running", 2);
    expect(all.slice(3, 5)).toEqual([
      "RELOADING=1 MONOTONIC_USEC=… STATUS=Reloading",
      "READY=1 STATUS=Running",
    ]);
  }, LONG_MS);

  test("takes a graceful restart for a reload, and a stop alone for no end", async (context) => {
    requireWay(context);
    const graceful = (await lifeUntil("graceful", "READY=1 STATUS=Running", 2)).all;
    expect(graceful[3]).toBe("RELOADING=1 MONOTONIC_USEC=… STATUS=Finishing what is under way");
    expect(graceful.join("\n").match(/STOPPING/g)).toHaveLength(1);
    const { all } = await lifeUntil("stop", "STATUS=Idle", 1);
    expect(all.slice(0, all.indexOf("STATUS=Idle")).join("\n")).not.toContain("STOPPING");
    expect(all.slice(all.indexOf("STATUS=Idle")).join("\n")).toContain("STOPPING=1 STATUS=Ending");
  }, LONG_MS);

  test("gets signs of life twice in the time that it wants them in", async (context) => {
    requireWay(context);
    const manager = await startManager(`@sitebus-life-${process.pid}`);
    const program = startService({ systemd: true }, {
      env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: "1000000" },
    });
    await manager.told("READY=1");
    await sleep(3_200);
    const count = manager.lines.filter((line) => line.includes("WATCHDOG=1")).length;
    expect(count).toBeGreaterThanOrEqual(4);
    expect(count).toBeLessThanOrEqual(Math.ceil(patient(10)));
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("gets no sign of life that it wants of another process", async (context) => {
    requireWay(context);
    const manager = await startManager(`@sitebus-other-${process.pid}`);
    const program = startService({ systemd: true }, {
      env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: "200000", WATCHDOG_PID: "1" },
    });
    await manager.told("READY=1");
    await sleep(600);
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
    expect(manager.lines.filter((line) => line.includes("WATCHDOG"))).toEqual([]);
  }, LONG_MS);

  test("that would end the process too early is asked for more time, and waits", async (context) => {
    requireWay(context);
    const manager = await startManager(`@sitebus-extend-${process.pid}`);
    const program = startService({
      systemd: true,
      within: 1_000,
      atMost: 5_000,
      extends: 2_500,
      then: "exit",
    }, {
      env: { NOTIFY_SOCKET: manager.address },
    });
    await manager.told("STOPPING=1");
    // As the manager does: it kills when neither the unit file nor the last message leaves any time.
    const since = performance.now();
    let end = since + 500;
    let seen = 0;
    const killing = setInterval(() => {
      for (const line of manager.lines.slice(seen)) {
        const micros = /EXTEND_TIMEOUT_USEC=(\d+)/.exec(line)?.[1];
        if (micros !== undefined) end = performance.now() + Number(micros) / 1000;
      }
      seen = manager.lines.length;
      if (performance.now() > end) program.kill("SIGKILL");
    }, 10);
    const { code, lines } = await program.exited;
    clearInterval(killing);
    expect(lines).toContain("extended by 2500");
    expect(code).toBe(0);
    expect(performance.now() - since).toBeGreaterThan(1_500);
  }, LONG_MS);

  test("that is gone in the middle is missed once, and ends nothing", async (context) => {
    requireWay(context);
    const manager = await startManager(`@sitebus-gone-${process.pid}`);
    const program = startService({ systemd: true }, {
      env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: "400000" },
    });
    await manager.told("READY=1");
    manager.end();
    const warning = `warn: systemd does not take what it is told, at "${manager.address}"`;
    if (sendsItself) await program.waitForLine(warning);
    await sleep(1_000);
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    if (sendsItself) expect(lines.filter((line) => line === warning)).toHaveLength(1);
  }, LONG_MS);

  test("that is not there is told nothing", async () => {
    const program = startService({ systemd: true, then: "exit" });
    const { code, lines } = await program.exited;
    expect([code, lines.filter((line) => line.startsWith("warn"))]).toEqual([0, []]);
  }, LONG_MS);

  test("with an address that is none fails the start", async () => {
    const { code, lines } = await startService({ systemd: true }, { env: { NOTIFY_SOCKET: "vsock:2:1" } })
      .exited;
    expect([code, lines.join("\n")]).toEqual([
      70,
      expect.stringContaining(
        'Cannot tell systemd anything at "vsock:2:1": it is neither a path nor an abstract name, which begins with "@"',
      ),
    ]);
  }, LONG_MS);

  test("believes a process that is not root, where that sends itself", async (context) => {
    if (!isRoot) context.skip("needs root, to become somebody else");
    if (!sendsItself) context.skip("this version of Node sends by systemd-notify without koffi");
    const manager = await startManager(`@sitebus-nobody-${process.pid}`);
    const program = startService({ systemd: true, then: "exit" }, {
      launcher: NOBODY,
      env: { NOTIFY_SOCKET: manager.address, HOME: folder() },
    });
    expect(await manager.told("READY=1")).toMatch(new RegExp(`^${program.pid} 65534: `));
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test(
    "on Deno without --allow-ffi and without systemd-notify the start fails, and says what is missing",
    async (context) => {
      if (runtime !== "deno") context.skip("only Deno has permissions of this kind");
      const { code, lines } = await startService({ systemd: true }, {
        denoPermissions: ["-A", "--deny-ffi"],
        env: { NOTIFY_SOCKET: "@sitebus-nobody-is-there", PATH: "/nowhere" },
      }).exited;
      expect([code, lines.join("\n")]).toEqual([
        70,
        expect.stringContaining(
          "the C library cannot be called (Deno may not call it; pass --allow-ffi), and there is no program systemd-notify",
        ),
      ]);
    },
    LONG_MS,
  );

  /** One life with a manager, until that was told a text so often. */
  async function lifeUntil(then: "veto" | "graceful" | "stop", text: string, count: number) {
    const manager = await startManager(`@sitebus-${then}-${process.pid}`);
    const program = startService({ systemd: true, then }, { env: { NOTIFY_SOCKET: manager.address } });
    await program.waitForLine("runs");
    for (let look = 0; manager.lines.filter((line) => line.includes(text)).length < count; look++) {
      if (look > 1000) throw new Error(`"${text}" did not come ${count} times:\n${manager.lines.join("\n")}`);
      await sleep(20);
    }
    program.kill("SIGTERM");
    await program.exited;
    await manager.told("STOPPING=1");
    return { all: told(manager.lines, program) };
  }
});

describe("sockets that systemd holds", () => {
  test(
    "are there by name, and are served on, with the connection that began the process",
    async (context) => {
      if (spawnSync("systemd-socket-activate", ["--version"]).status !== 0) {
        context.skip("needs systemd-socket-activate");
      }
      const path = join(folder(), "web.sock");
      const program = startService({ systemd: true, inherit: "web" }, {
        launcher: ["systemd-socket-activate", "-l", path, "--fdname=web", "-E", "HOME"],
      });
      await untilListens(path);
      // Nothing runs so far: the first request starts it.
      expect(await ask(path)).toMatch(/^user \d+$/);
      expect(await program.waitForLine("sockets")).toBe('sockets {"web":3}');
      program.kill("SIGTERM");
      const { code, lines } = await program.exited;
      expect([code, lines.at(-1)]).toEqual([0, "info: Exited with code 0"]);
    },
    LONG_MS,
  );
});

async function untilListens(path: string): Promise<void> {
  for (let look = 0; !existsSync(path); look++) {
    if (look > 1000) throw new Error(`Nobody listens on "${path}"`);
    await sleep(10);
  }
}

function ask(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: "/", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => resolve(text));
    }).on("error", reject);
  });
}

describe("systemd", () => {
  test("refuses what it cannot use", () => {
    const bus = new ProcessBus({ platform: inline() });
    expect(() => systemd(undefined as never)).toThrow("Cannot make systemd: the bus is undefined");
    expect(() => systemd(bus, { socket: "x" } as never)).toThrow('unknown option "socket"');
  });
});

/** By the clock that the manager has. */
function monotonicMs(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
}
