// A unit: it serves on the socket "web" where it has one, and does what its arguments say.
import { existsSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { site, unit } from "../../components/units.ts";
import { accepted } from "../../components/http/accepted.ts";
import { print } from "./_print.ts";

const [how = "", file = ""] = process.argv.slice(2);
const eaten: Uint8Array[] = [];
const slot = process.env["SITEBUS_SLOT"];
const spin = () => {
  for (;;);
};
if (how === "broken" && existsSync(file)) throw new Error("broken on purpose");
if (how === "exits") process.exit(3);
if (how === "never ready") setInterval(() => {}, 1000);
else {
  const bus = new ProcessBus({ name: "worker", platform: unit() });
  const here = site(bus);
  const [, fd] = /(\d+):web/.exec(process.env["SITEBUS_FDS"] ?? "") ?? [];
  bus.subscribe("stop", (phase) => print(`${slot} stops by ${phase.reason.name}`));
  bus.subscribe("enter", () => print(`${slot} enters with ${JSON.stringify(here.details)}`));
  if (how === "ignores") bus.subscribe("stop", spin);
  if (fd !== undefined) {
    bus.use({
      name: "web",
      dependsOn: "all",
      start: () => listen(Number(fd)),
      stop: (close) => close(),
    });
  }
  if (how === "spins once" && !existsSync(file)) {
    writeFileSync(file, "");
    bus.subscribe("run", () => void setTimeout(spin, 300));
  }
  if (how === "crashes") bus.subscribe("run", () => void setTimeout(() => process.exit(9), 50));
  // The first ones are well; when the file is there, those that come crash.
  if (how === "crashes when" && existsSync(file)) {
    bus.subscribe("run", () => void setTimeout(() => process.exit(9), 50));
  }
  if (how === "floods") bus.subscribe("run", flood);
  if (how === "graceful once" && !existsSync(file)) {
    writeFileSync(file, "");
    bus.subscribe(
      "run",
      () =>
        void setTimeout(
          () => bus.graceful().catch((error: Error) => print(`graceful: ${error.message}`)),
          50,
        ),
    );
  }
  if (how === "throws") {
    bus.subscribe("run", () =>
      void setTimeout(() => {
        throw new Error("thrown on purpose");
      }, 50));
  }
  if (how === "eats") {
    bus.subscribe("run", () => void setTimeout(() => eaten.push(new Uint8Array(300e6).fill(1)), 200));
  }
  const code = await bus.run();
  if (code !== 0) print(`${slot} left with ${code}`);
}

/** Says to its site what no program should: a lot, at once, of all kinds, known and unknown, and more than a pipe takes. */
function flood(): void {
  const long = "x".repeat(100_000);
  for (let time = 0; time < 2000; time++) {
    process.send?.({ sitebus: "answer", number: time, memory: -1 });
    process.send?.({ sitebus: "vote", round: time });
    process.send?.({ sitebus: "receipts", id: time, receipts: [] });
    process.send?.({ sitebus: time, long: time % 20 === 0 ? long : "" });
    process.send?.({
      sitebus: "message",
      id: time,
      from: "web",
      act: { request: "exit" },
      scope: "tree",
      leftMs: 1000,
    });
  }
  print(`${slot} has flooded`);
}

/** Listens on an inherited number as each runtime can; the answer names the slot and the process. */
async function listen(fd: number): Promise<() => void> {
  const server = http.createServer((_, response) => {
    response.setHeader("connection", "close");
    response.end(`${slot} ${process.pid}`);
  });
  const listener = "Bun" in globalThis
    ? net.createServer((socket) => void server.emit("connection", socket))
    : server;
  let isOpen = true;
  const stop = () => {
    if (isOpen) net.Server.prototype.close.call(listener);
    isOpen = false;
  };
  server.on("connection", () => accepted({ stop }));
  await new Promise<void>((resolve) => listener.listen({ fd }, resolve));
  return stop;
}
