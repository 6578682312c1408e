import { connect } from "node:net";
import { expect, test } from "vitest";
import { type Program, runtime, sleep, start } from "../../spawn.ts";
import { startLoad } from "./_load.ts";

const kinds = [...runtime === "node" ? [] : ["serve"], "srvx"];

interface Run extends Program {
  readonly port: number;
}

async function run(kind: string, options: { lameDuckMs?: number; drainMs?: number } = {}): Promise<Run> {
  const { lameDuckMs = 0, drainMs = 2000 } = options;
  const args = [kind, String(lameDuckMs), String(drainMs)];
  const program = start("http_web_server", { args, timeoutMs: 40_000 });
  const url = await program.waitForLine("http://");
  return { ...program, port: Number(new URL(url).port) };
}

test.for(kinds)("%s: no request is lost to a lame duck, under load", { timeout: 60_000 }, async (kind) => {
  const program = await run(kind, { lameDuckMs: 1500, drainMs: 6000 });
  const load = startLoad({ port: program.port, path: "/?2" });
  await sleep(200);
  program.kill("SIGTERM");
  await program.waitForLine("draining");
  load.mark();
  await sleep(1000);
  const { answered, marked, told, lost } = await load.stop();
  expect(lost).toEqual([]);
  expect(marked).toBeGreaterThan(100);
  expect(told).toBeGreaterThan(90);
  expect(answered).toBeGreaterThanOrEqual(marked);
  expect((await program.exited).code).toBe(0);
});

test.for(kinds)("%s: a process whose requests are cut ends at once", { timeout: 30_000 }, async (kind) => {
  const program = await run(kind, { drainMs: 500 });
  const sockets = Array.from({ length: 5 }, () => connect({ host: "127.0.0.1", port: program.port }));
  for (const socket of sockets) {
    socket.on("error", () => {});
    socket.write("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  await sleep(200);
  program.kill("SIGTERM");
  const since = performance.now();
  const { code, lines } = await program.exited;
  expect(performance.now() - since).toBeLessThan(2000);
  expect(code).toBe(0);
  expect(lines.join("\n")).toContain("http cut 5 requests at the end of its time");
  for (const socket of sockets) socket.destroy();
});

test.for(kinds)("%s: whoever reads nothing cannot hold the process", { timeout: 30_000 }, async (kind) => {
  const program = await run(kind, { drainMs: 500 });
  const socket = connect({ host: "127.0.0.1", port: program.port });
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await sleep(300);
  program.kill("SIGTERM");
  const since = performance.now();
  const { code, lines } = await program.exited;
  const ms = performance.now() - since;
  socket.destroy();
  expect(code).toBe(0);
  // An answer of Deno that is begun cannot be cut: then the platform ends the process.
  expect(lines.join("\n")).toContain(
    runtime === "deno" ? "http cannot cut what is left" : "http cut 1 request at the end of its time",
  );
  expect(lines.some((line) => line.includes("by force"))).toBe(runtime === "deno");
  expect(ms).toBeLessThan(runtime === "deno" ? 8000 : 3000);
});
