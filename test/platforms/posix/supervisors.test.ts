/**
 * What popular supervisors of npm send to a process, and what comes of it: the table of docs/posix.md.
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { runtime } from "../../spawn.ts";

const why = process.env["CI"] === undefined
  ? "they are installed in CI alone, where CI is set"
  : runtime === "node" && process.version.startsWith("v26.")
  ? undefined
  : "they are installed for Node 26 alone";
const app = fileURLToPath(new URL("../../programs/supervised.ts", import.meta.url));
let folder = "";

/** Starts a supervisor as the leader of a group of its own, and waits until the application is ready. */
async function supervised(words: readonly string[]) {
  const notes = join(mkdtempSync(join(folder, "notes-")), "notes");
  const [command = "", ...args] = words;
  const file = command === "node" ? process.execPath : join(folder, "node_modules/.bin", command);
  const child = spawn(file, args, {
    cwd: folder,
    detached: true,
    stdio: "ignore",
    env: {
      ...process.env,
      NOTES: notes,
      PM2_HOME: join(folder, ".pm2"),
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    },
  });
  const exited = new Promise<number | null>((resolve) => void child.on("exit", resolve));
  const read = () => existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [];
  const count = (text: string) => read().filter((line) => line.endsWith(text)).length;
  const come = (text: string, times: number) =>
    vi.waitFor(() => expect(count(text), read().join("; ")).toBe(times), { timeout: 20_000, interval: 50 });
  const pids = () => new Set(read().map((line) => Number(line.split(" ")[0])));
  onTestFinished(() => {
    for (const pid of [-child.pid!, ...pids()]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // The process has already ended.
      }
    }
  });
  await come("ready", 1);
  return {
    come,
    exited,
    read,
    /** Those that still live. */
    alive: () => [...pids()].filter(isAlive),
    kill: (signal: NodeJS.Signals, to: "it" | "group") =>
      process.kill(to === "it" ? child.pid! : -child.pid!, signal),
  };
}

/** A dead process that nobody has waited for yet does not live. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Changes a file that a watcher looks at. */
function change(): void {
  utimesSync(join(folder, "watched.ts"), new Date(), new Date());
}

describe("under a supervisor", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    if (why !== undefined) return;
    folder = mkdtempSync(join(tmpdir(), "sitebus-supervisors-"));
    cpSync(fileURLToPath(new URL("./supervisors/", import.meta.url)), folder, { recursive: true });
    writeFileSync(join(folder, "watched.ts"), `import ${JSON.stringify(app)};\n`);
    writeFileSync(join(folder, "Procfile"), `web: exec "${process.execPath}" watched.ts\n`);
    await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder });
  }, 120_000);
  afterAll(() => folder === "" ? undefined : rm(folder, { recursive: true }), 60_000);

  const node = `"${process.execPath}"`;
  const ended: readonly [words: readonly string[], signal: NodeJS.Signals, to: "it" | "group"][] = [
    [["node", "watched.ts"], "SIGTERM", "it"],
    [["node", "--watch", "watched.ts"], "SIGINT", "group"],
    [["tsx", "watched.ts"], "SIGTERM", "it"],
    [["tsx", "watched.ts"], "SIGINT", "group"],
    [["tsx", "watch", "watched.ts"], "SIGTERM", "it"],
    [["tsx", "watch", "watched.ts"], "SIGINT", "group"],
    [["nodemon", "-q", "--exec", node, "watched.ts"], "SIGINT", "group"],
    [["concurrently", `${node} watched.ts`], "SIGTERM", "it"],
    [["concurrently", `${node} watched.ts`], "SIGINT", "group"],
    [["nf", "start"], "SIGINT", "group"],
  ];
  test.for(ended)("%j stops in order by %s to %s", async ([words, signal, to], context) => {
    context.skip(why !== undefined, why);
    const { kill, come, exited, alive, read } = await supervised(words);
    kill(signal, to);
    await exited;
    await come("exit 0", 1);
    expect(read().filter((line) => line.endsWith("stopped in order"))).toHaveLength(1);
    // Many supervisors send the signal twice; the bus counts one request.
    expect(read().join("\n")).not.toContain("Forced");
    await vi.waitFor(() => expect(alive()).toEqual([]), { timeout: 5000 });
  });

  test.for([
    ["node", "--watch", "watched.ts"],
    ["tsx", "watch", "watched.ts"],
    ["nodemon", "-q", "--signal", "SIGTERM", "--watch", "watched.ts", "--exec", node, "watched.ts"],
  ])("%j stops the old one in order when a file changes, and runs the new one", async (words, context) => {
    context.skip(why !== undefined, why);
    const { come, alive } = await supervised(words);
    change();
    await come("ready", 2);
    await come("stopped in order", 1);
    await vi.waitFor(() => expect(alive()).toHaveLength(1), { timeout: 5000 });
  });

  test.for([
    ["nodemon", "-q", "--watch", "watched.ts", "--exec", node, "watched.ts"],
    ["nodemon", "-q", "--watch", "watched.ts", "--exec", `${node} watched.ts`],
  ])(
    "%j runs the new one when a file changes, and leaves no orphan: SIGUSR2 is not taken",
    async (words, context) => {
      context.skip(why !== undefined, why);
      const { come, alive } = await supervised(words);
      change();
      await come("ready", 2);
      await vi.waitFor(() => expect(alive()).toHaveLength(1), { timeout: 5000 });
    },
  );

  test.for([[], ["-i", "1"]])(
    "pm2 %j reloads and stops it in order, well before it kills",
    async (mode, context) => {
      context.skip(why !== undefined, why);
      const pm2 = join(folder, "node_modules/.bin/pm2");
      const home = { ...process.env, PM2_HOME: join(folder, ".pm2") };
      const ask = (...args: string[]) => promisify(execFile)(pm2, args, { cwd: folder, env: home });
      onTestFinished(() => ask("kill").then(() => {}), 20_000);
      const { come, read } = await supervised([
        "pm2",
        "start",
        "watched.ts",
        "--name",
        "app",
        "--interpreter",
        process.execPath,
        ...mode,
      ]);
      await ask("reload", "app");
      await come("ready", 2);
      await come("exit 0", 1);
      await ask("stop", "app");
      await come("exit 0", 2);
      await come("stopped in order", 2);
      expect(read().join("\n")).not.toContain("ended by force");
    },
  );
});
