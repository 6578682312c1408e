/**
 * How soon new code serves after it was saved, and when `--daemon` returns.
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave, spread } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = Number(process.env["BENCH_WATCH_ROUNDS"] ?? 7);

/** What a save may take beyond the start of the application by itself, in milliseconds. */
const beyondMs = 100;

/** When a daemon's command has to be back, after the application is ready. */
const backMs = 50;

/** So long a change or a start may take on a machine that is busy. */
const mostMs = 60_000;

const COMMAND = "./cli/main.ts";

interface Times {
  /** From the start of the command to the first answer, by the application alone. */
  readonly start: number;
  /** From the save to the first answer of the new code. */
  readonly save: number;
  /** Requests that were not answered meanwhile. */
  readonly lost: number;
  /** From the application's being ready to the return of the command. */
  readonly back: number;
}

/** Starts, saves, and starts as a daemon, once a round on each runtime. */
export async function watch(runtimes: readonly Runtime[]): Promise<Figure> {
  const all = await interleave(runtimes, { rounds, measure });
  const best = (index: number, field: keyof Times) => spread(all[index]!.map((times) => times[field])).best;
  const lost = (index: number) => all[index]!.reduce((sum, times) => sum + times.lost, 0);
  return {
    title: "Saves and daemons",
    says:
      "Milliseconds until an application that answers with a word does so for the first time: started by `sitebus serve`, and after " +
      "a save under `sitebus serve --watch`, which waits 50 ms for further saves; and from the moment in which it is ready until " +
      `\`sitebus serve --daemon\` is back. The best of ${rounds} rounds. Lost are the requests of a client that connects anew for each ` +
      "of them and asks all the time while the new code comes, in all rounds.",
    tables: [{
      columns: ["runtime", "start", "save", "lost", "daemon back"],
      rows: runtimes.map(({ name }, index) => [
        name,
        ...(["start", "save"] as const).map((field) => String(Math.round(best(index, field)))),
        String(lost(index)),
        best(index, "back").toFixed(1),
      ]),
    }],
    limits: runtimes.flatMap(({ name }, index) => [
      {
        name: `save to new code on ${name}, over a start`,
        found: best(index, "save") - best(index, "start"),
        atMost: beyondMs,
        unit: "ms",
      },
      {
        name: `lost by saves on ${name}`,
        found: lost(index),
        atMost: 0,
        unit: "",
      },
      {
        name: `daemon back on ${name}`,
        found: best(index, "back"),
        atMost: backMs,
        unit: "ms",
      },
    ]),
  };
}

async function measure(runtime: Runtime): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-bench-"));
  const path = join(folder, "app.mjs");
  const save = (word: string) => writeFileSync(path, `export default () => new Response("${word}");`);
  try {
    save("one");
    const start = await startTime(runtime, path);
    const saved = await saveTime(runtime, path, save);
    return {
      start,
      ...saved,
      back: await backTime(runtime, path, join(folder, "app.log")),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function startTime(runtime: Runtime, path: string): Promise<number> {
  const port = await freePort();
  const since = performance.now();
  const args = ["serve", path, "--port", String(port)];
  const program = spawnProgram({ runtime, program: COMMAND, args }, mostMs);
  await answered(port, "one");
  const ms = performance.now() - since;
  program.terminate();
  await program.waitForEnd();
  return ms;
}

async function saveTime(
  runtime: Runtime,
  path: string,
  save: (word: string) => void,
): Promise<{ readonly save: number; readonly lost: number }> {
  const port = await freePort();
  const args = ["serve", path, "--watch", "--port", String(port)];
  const program = spawnProgram({ runtime, program: COMMAND, args }, mostMs);
  await answered(port, "one");
  // Its watch begins when all is up.
  await program.waitForLine("sitebus: ready");
  await sleep(300);
  const since = performance.now();
  save("two");
  const lost = await answered(port, "two");
  const ms = performance.now() - since;
  save("one");
  program.terminate();
  await program.waitForEnd();
  return { save: ms, lost };
}

/** Asks until the answer is that; returns how many requests failed before the first answer and after it. */
async function answered(port: number, word: string): Promise<number> {
  const end = performance.now() + mostMs;
  let failed = 0;
  for (let wasThere = false; performance.now() < end;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        headers: { connection: "close" },
      });
      if (await response.text() === word && response.ok) return failed;
      wasThere = true;
    } catch {
      // Before a first start, nobody listens.
      if (wasThere) failed++;
    }
    await sleep(1);
  }
  throw new Error(`No answer "${word}" came in ${mostMs} ms`);
}

async function backTime(
  runtime: Runtime,
  path: string,
  log: string,
): Promise<number> {
  const args = [
    "serve",
    path,
    "--daemon",
    "--json",
    "--port",
    "0",
    "--log-file",
    log,
  ];
  const program = spawnProgram({ runtime, program: COMMAND, args }, mostMs);
  const { at } = await program.waitForEnd();
  const back = performance.timeOrigin + at;
  const records = readFileSync(log, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const serving = records.find(({ event }) => event === "serving") as {
    time: string | number;
    pid: number;
  };
  process.kill(serving.pid, "SIGTERM");
  return back - new Date(serving.time).getTime();
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}
