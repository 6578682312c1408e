// What control costs: while nobody asks, while a thousand ask for the status, and while ten read a thousand events a second.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { control } from "../../components/control.ts";
import { native } from "../../platforms/native.ts";
import { ProcessBus } from "../../mod.ts";
import { median } from "../_median.ts";
import { cpuMsOf, difference, readCounts } from "../_proc.ts";
import { printMeasured } from "./_time.ts";

const IDLE_MS = 5000;
const REQUESTS = 2000;
const READERS = 10;
const EVENTS_MS = 3000;

const [what = "bare", path = ""] = process.argv.slice(2);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

if (what === "status client") await askMany(path);
else if (what === "event clients") readMany(path);
else await measure();

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-bench-"));
  const socket = join(folder, "bench.sock");
  const bus = new ProcessBus({ platform: native() });
  for (let nth = 0; nth < 10; nth++) {
    bus.use({
      name: `component ${nth}`,
      check: () => true,
    });
  }
  if (what === "control") {
    await Promise.all([control(bus, { path: socket }).opened, bus.start()]);
  } else await bus.start();
  void bus.block();
  await sleep(1000);
  const before = readCounts(process.pid);
  await sleep(IDLE_MS);
  const idle = difference(process.pid, before, readCounts(process.pid));
  const perSecond = (count: number | undefined) => (count ?? NaN) / (IDLE_MS / 1000);
  const found: Record<string, number> = {
    mainWoken: perSecond(idle?.mainWoken),
    anyWoken: perSecond(idle?.anyWoken),
  };
  if (what === "control") {
    Object.assign(found, await status(socket), await events(bus, socket));
  }
  rmSync(folder, { recursive: true });
  printMeasured(found);
  process.exit(0);
}

async function status(socket: string): Promise<Record<string, number>> {
  const before = cpuMsOf(process.pid);
  const text = await client("status client", socket);
  const { p50, p99, ms } = JSON.parse(text) as Record<string, number>;
  return {
    statusMs: p50!,
    statusSlowMs: p99!,
    statusPerSecond: REQUESTS / (ms! / 1000),
    statusCpuMs: (cpuMsOf(process.pid) - before) / REQUESTS,
  };
}

async function events(
  bus: ProcessBus,
  socket: string,
): Promise<Record<string, number>> {
  const reading = client("event clients", socket);
  while (
    !(await metrics(socket)).includes(`sitebus_event_readers ${READERS}\n`)
  ) await sleep(50);
  const before = {
    cpu: cpuMsOf(process.pid),
    memory: process.memoryUsage().rss,
    at: performance.now(),
  };
  let sent = 0;
  while (performance.now() - before.at < EVENTS_MS) {
    await sleep(5);
    for (const due = performance.now() - before.at; sent < due; sent++) {
      bus.log("An order was taken", { event: "order", id: sent });
    }
  }
  const cpu = cpuMsOf(process.pid) - before.cpu;
  const grown = process.memoryUsage().rss - before.memory;
  bus.log("That is all", { event: "end" });
  const { received } = JSON.parse(await reading) as Record<string, number>;
  return {
    eventsLost: sent * READERS - received!,
    eventsCpuPercent: cpu / EVENTS_MS * 100,
    eventsGrownMb: grown / 1e6,
  };
}

function metrics(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: "/metrics", agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => text += chunk)
        .on("end", () => resolve(text));
    }).on("error", reject);
  });
}

/** Runs this program as a client, and resolves to what it prints. */
function client(what: string, socket: string): Promise<string> {
  const script = process.argv[1]!;
  const args = "Deno" in globalThis ? ["run", "--quiet", "-A", script] : [script];
  const child = spawn(process.execPath, [...args, what, socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve) => {
    let text = "";
    child.stdout.setEncoding("utf8").on(
      "data",
      (chunk: string) => text += chunk,
    );
    child.on("close", () => resolve(text));
  });
}

async function askMany(socketPath: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get({ socketPath, path: "/status", agent }, (answer) => answer.resume().on("end", resolve)).on(
        "error",
        reject,
      );
    });
  for (let nth = 0; nth < 100; nth++) await ask();
  const times: number[] = [];
  const since = performance.now();
  for (let nth = 0; nth < REQUESTS; nth++) {
    const before = performance.now();
    await ask();
    times.push(performance.now() - before);
  }
  const ms = performance.now() - since;
  times.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      p50: median(times),
      p99: times[Math.floor(times.length * 0.99)],
      ms,
    }),
  );
  process.exit(0);
}

function readMany(socketPath: string): void {
  let received = 0;
  let ended = 0;
  for (let nth = 0; nth < READERS; nth++) {
    get({ socketPath, path: "/events", agent: false }, (answer) => {
      let rest = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        received += lines.filter((line) => line === "event: order").length;
        if (!lines.includes("event: end") || ++ended < READERS) return;
        console.log(JSON.stringify({ received }));
        process.exit(0);
      });
    });
  }
}
