import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
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

test.for(kinds)(
  "%s: no request is lost to a lame duck, under load",
  { timeout: patient(60_000) },
  async (kind) => {
    const program = await run(kind, { lameDuckMs: 1500, drainMs: 6000 });
    const load = startLoad({ port: program.port, path: "/?2" });
    await sleep(200);
    program.kill("SIGTERM");
    await program.waitForLine("draining");
    load.mark();
    await sleep(1000);
    const { answered, marked, told, lost } = await load.stop();
    expect(lost).toEqual([]);
    // How many they are depends on how busy the machine is.
    expect(marked).toBeGreaterThan(20);
    expect(told).toBeGreaterThan(10);
    expect(answered).toBeGreaterThanOrEqual(marked);
    expect((await program.exited).code).toBe(0);
  },
);

test.for(kinds)(
  "%s: a process whose requests are cut ends at once",
  { timeout: patient(30_000) },
  async (kind) => {
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
    expect(performance.now() - since).toBeLessThan(patient(2000));
    expect(code).toBe(0);
    expect(lines.join("\n")).toContain("http cut 5 requests at the end of its time");
    for (const socket of sockets) socket.destroy();
  },
);

const stuck: readonly [who: string, request: string][] = [
  ["reads nothing", "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["sends half a body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf"],
];

// A process that waits is late each time; one that a busy machine was late with is not.
describe.each(kinds)("%s: whoever", { timeout: patient(30_000), retry: 2 }, (kind) => {
  test.each(stuck)("%s cannot hold the process past the drain", async (_, request) => {
    const program = await run(kind, { drainMs: 1500 });
    const socket = connect({ host: "127.0.0.1", port: program.port });
    socket.on("error", () => {});
    socket.pause();
    socket.write(request);
    await sleep(300);
    program.kill("SIGTERM");
    const since = performance.now();
    const { code, lines } = await program.exited;
    const ms = performance.now() - since;
    socket.destroy();
    const said = lines.join("\n");
    expect(code).toBe(0);
    expect(said).toMatch(/http (cut 1 request|cannot cut what is left) at the end of its time/);
    // Where Deno cannot cut, the platform does, by the end of the process.
    expect(/by force .* connections of http:\S+ that Deno cannot cut/.test(said)).toBe(runtime === "deno");
    expect(ms).toBeGreaterThan(1200);
    expect(ms).toBeLessThan(patient(1500 + 1000));
  });
});
