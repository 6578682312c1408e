// A bus with the services of the operating system. Argument: what it has and does, as JSON.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import process from "node:process";
import { setInterval, setTimeout } from "node:timers";
import { type ChannelFailures, ProcessBus } from "../../mod.ts";
import { httpServer } from "../../components/http.ts";
import { logTo } from "../../components/log.ts";
import {
  pidFile,
  privileges,
  type PrivilegesOptions,
  systemd,
  watchdog,
  type WatchdogOptions,
} from "../../components/os.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

/** What the program has, and what it does. */
export interface ServicePlan {
  readonly pidFile?: string;
  readonly privileges?: PrivilegesOptions;
  readonly systemd?: boolean;
  readonly watchdog?: WatchdogOptions;
  /** The port of a server on 127.0.0.1, the component "web". */
  readonly port?: number;
  /** The name of the socket that it inherits instead. */
  readonly inherit?: string;
  /** Milliseconds that each state of the stop may take, and the most that it may be extended to. */
  readonly within?: number;
  readonly atMost?: number;
  /** The states whose plain listener never gives the thread back. */
  readonly spins?: readonly string[];
  /** The component "db" never gives the thread back in its stop. */
  readonly spinsInDb?: boolean;
  /** It never gives the thread back once it runs and is told so by a signal. */
  readonly spinsAt?: string;
  /** The stop of "slow" extends itself by so many milliseconds and takes them. */
  readonly extends?: number;
  /** What is asked for when it runs. */
  readonly then?: "exit" | "graceful" | "reload" | "veto" | "stop" | "restart";
  /** A file that it writes when it runs, and what it then reads. */
  readonly writes?: string;
  readonly reads?: string;
}

const plan: ServicePlan = JSON.parse(process.argv[2] ?? "{}");
// After a restart it only runs.
const isSecondLife = plan.then === "restart" && existsSync(plan.writes ?? "");
const { within = 5_000, atMost = 2 * within } = plan;
const bus = new ProcessBus({
  name: "service",
  platform: native({ uncaught: true }),
  deadlines: { drain: within, stop: within, exit: within },
  atMost: { drain: atMost, stop: atMost, exit: atMost },
});
logTo(bus, (record) => {
  print(`${record.level}: ${record.message}`);
  if (record.error !== undefined) print(String((record.error as Error).message));
}, { level: "info" });
const spin = () => {
  print(`spins ${Date.now()}`);
  for (;;);
};
for (const state of plan.spins ?? []) bus.subscribe(state as "stop", spin, { name: "spinner" });
if (plan.pidFile !== undefined) bus.use(pidFile(plan.pidFile));
const told = plan.systemd ? bus.use(systemd(bus)) : undefined;
if (plan.watchdog) bus.use(watchdog(bus, plan.watchdog));
if (plan.spinsInDb) bus.use({ name: "db", stop: spin });
if (plan.extends !== undefined) {
  const ms = plan.extends;
  bus.use({
    name: "slow",
    async stop(_, phase) {
      print(`extended by ${phase.extend(ms)}`);
      await new Promise((resolve) => void setTimeout(resolve, ms));
    },
  });
}
if (plan.spinsAt !== undefined) process.on(plan.spinsAt, spin);
const place = plan.inherit === undefined ? { port: plan.port ?? 0 } : { inherit: plan.inherit };
if (plan.port !== undefined || plan.inherit !== undefined) {
  const server = http.createServer((_, answer) => answer.end(`user ${process.geteuid?.()}`));
  bus.use(httpServer(server, { name: "web", ...place }));
}
if (plan.privileges) bus.use(privileges(plan.privileges));
if (plan.then === "veto") {
  bus.subscribe("reload", () => {
    throw new Error("no");
  });
}
const keep = setInterval(() => {}, 1_000);
bus.subscribe("exited", () => clearInterval(keep));
bus.wait("run").then(async () => {
  if (plan.port !== undefined) {
    print(`answers: ${await (await fetch(`http://127.0.0.1:${plan.port}/`)).text()}`);
  }
  if (plan.privileges) {
    const lines = readFileSync("/proc/self/status", "utf8").split("\n");
    print(lines.filter((line) => /^(Uid|Gid|Groups)/.test(line)).join(" ").replace(/\s+/g, " ").trim());
  }
  if (plan.inherit !== undefined) print(`sockets ${JSON.stringify(Object.fromEntries(told!.value.sockets))}`);
  if (plan.writes !== undefined) writeFileSync(plan.writes, "");
  if (plan.reads !== undefined) {
    try {
      readFileSync(plan.reads);
      print("could read it");
    } catch {
      print("could not read it");
    }
  }
  print(`runs ${isSecondLife ? "again" : process.pid}`);
  const then = isSecondLife ? undefined : plan.then;
  if (then === "reload" || then === "veto") {
    await bus.reload().catch((error: ChannelFailures) => print(error.name));
  } else if (then !== undefined) await bus[then]().catch(() => {});
}, () => {});
await bus.run();
