import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:https";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { httpServer } from "../../../components/http.ts";
import { inheritedFd } from "../../../components/http/inherited.ts";
import { programArguments, runtime, sleep } from "../../spawn.ts";
import { connectTo } from "./_node_client.ts";
import { startLoad } from "./_load.ts";

describe("the socket of a name", () => {
  const find = (env: Record<string, string>, name = "web") => inheritedFd(name, { pid: 7, env });

  test("comes from SITEBUS_FDS, and otherwise from systemd", () => {
    expect(find({ SITEBUS_FDS: "3:admin,5:web" })).toBe(5);
    expect(find({ LISTEN_FDS: "2", LISTEN_FDNAMES: "admin:web", LISTEN_PID: "7" })).toBe(4);
    expect(find({ SITEBUS_FDS: "9:web", LISTEN_FDS: "1", LISTEN_FDNAMES: "web", LISTEN_PID: "7" })).toBe(9);
  });

  test.each<[env: Record<string, string>, message: string]>([
    [{}, "neither SITEBUS_FDS nor LISTEN_FDS is set"],
    [{ SITEBUS_FDS: "3:admin" }, 'SITEBUS_FDS is "3:admin", which has no such name'],
    [{ SITEBUS_FDS: "web" }, 'SITEBUS_FDS is "web", expected such as "3:web,4:admin"'],
    [{ LISTEN_FDS: "1", LISTEN_FDNAMES: "web", LISTEN_PID: "8" }, 'LISTEN_PID is "8", and this is process 7'],
    [
      { LISTEN_FDS: "1", LISTEN_FDNAMES: "admin:web", LISTEN_PID: "7" },
      'LISTEN_FDNAMES is "admin:web", which has no such name among 1',
    ],
  ])("%j is refused", (env, message) => {
    expect(() => find(env)).toThrow(`Cannot listen on the inherited socket "web": ${message}`);
  });
});

interface Unit {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly lines: readonly string[];
  readonly exited: Promise<number | null>;
}

/**
 * Starts programs, one after another, that inherit one listening socket. The parent that holds it is this file's helper,
 * in Python: it never accepts.
 */
async function holding(
  kind: "http" | "https",
  lameDuckMs = 0,
): Promise<{ start(): Promise<Unit> }> {
  const file = fileURLToPath(new URL("../../programs/http_inherited.ts", import.meta.url));
  // The socket is at 3 in every child, without CLOEXEC; a line on stdin starts one more.
  const holder = spawn("python3", [
    "-u",
    "-c",
    HOLDER,
    process.execPath,
    ...programArguments(file),
    kind,
    String(lameDuckMs),
  ], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SITEBUS_FDS: "3:web", NO_COLOR: "1" },
  });
  onTestFinished(() => void holder.kill("SIGKILL"));
  const lines: string[] = [];
  const looks = new Set<() => void>();
  let rest = "";
  holder.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    looks.forEach((look) => look());
  });
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No ${pattern} in\n${lines.join("\n")}`)), 12_000);
      const look = () => {
        const found = lines.map((one) => pattern.exec(one)).find(Boolean);
        if (!found) return;
        looks.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      looks.add(look);
      look();
    });
  let started = 0;
  return {
    async start() {
      const index = started++;
      holder.stdin.write("\n");
      const [, pid] = await line(new RegExp(`^started ${index} (\\d+)`));
      const [, port] = await line(new RegExp(`^up ${pid} (\\d+)`));
      onTestFinished(() => {
        try {
          process.kill(Number(pid), "SIGKILL");
        } catch {
          // It has ended.
        }
      });
      const exited = line(new RegExp(`^ended ${pid} (-?\\d+)`)).then(([, code]) => Number(code));
      exited.catch(() => {});
      return { child: holder, pid: Number(pid), port: Number(port), lines, exited };
    },
  };
}

const HOLDER = `
import os, socket, subprocess, sys, threading
held = socket.socket()
held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
held.bind(("127.0.0.1", 0))
held.listen(511)
held.setblocking(False)
if held.fileno() != 3: os.dup2(held.fileno(), 3)
os.set_inheritable(3, True)
def wait(child):
    print("ended", child.pid, child.wait(), flush=True)
for index, _ in enumerate(sys.stdin):
    child = subprocess.Popen(sys.argv[1:], pass_fds=[3], stdin=subprocess.DEVNULL)
    print("started", index, child.pid, flush=True)
    threading.Thread(target=wait, args=[child], daemon=True).start()
`;

describe("a server on an inherited socket", { timeout: 40_000 }, () => {
  test("closes its listener first, goes on serving kept connections, and leaves new ones to its sibling", async () => {
    const { start } = await holding("http", 4000);
    const old = await start();
    const kept = await connectTo(old);
    kept.get("/");
    await kept.received(`by ${old.pid}`);
    const young = await start();
    expect(young.port).toBe(old.port);
    process.kill(old.pid, "SIGTERM");
    await sleep(300);
    const before = kept.text.length;
    kept.get("/again");
    // The sibling accepts every new connection.
    const fresh = await Promise.all(Array.from({ length: 8 }, () => connectTo(old)));
    for (const client of fresh) client.get("/");
    await Promise.all(fresh.map((client) => client.received(`by ${young.pid}`)));
    await kept.ended;
    expect(kept.text.slice(before)).toMatch(new RegExp(`connection: close[^]*by ${old.pid}`, "i"));
    expect(await old.exited).toBe(0);
    const since = performance.now();
    process.kill(young.pid, "SIGTERM");
    expect(await young.exited).toBe(0);
    expect(performance.now() - since).toBeGreaterThan(3990);
  });

  test("loses no request when it is replaced, again and again, under load", async () => {
    const { start } = await holding("http");
    let unit = await start();
    const load = startLoad({ port: unit.port, clients: 16, path: "/ok" });
    for (let roll = 0; roll < 3; roll++) {
      const next = await start();
      process.kill(unit.pid, "SIGTERM");
      expect(await unit.exited).toBe(0);
      unit = next;
    }
    const { answered, lost } = await load.stop();
    const since = performance.now();
    process.kill(unit.pid, "SIGTERM");
    expect(await unit.exited).toBe(0);
    // Without a lame duck, the server serves kept connections until the clients close them.
    expect(performance.now() - since).toBeGreaterThan(290);
    expect(lost).toEqual([]);
    expect(answered).toBeGreaterThan(50);
  });

  test.each(["http", "https"] as const)(
    "of node:%s keeps a connection whose answer had begun, for one more request",
    async (kind) => {
      const { start } = await holding(kind, 4000);
      const unit = await start();
      const client = await connectTo(unit, { tls: kind === "https" });
      client.get("/stream");
      await client.received("begun");
      process.kill(unit.pid, "SIGTERM");
      await client.received("over");
      client.get("/again");
      await client.received(`by ${unit.pid}`);
      expect(client.text).toMatch(/over[^]*connection: close[^]*by \d+/i);
      expect(await unit.exited).toBe(0);
    },
  );

  test("speaks TLS", async () => {
    const { start } = await holding("https");
    const unit = await start();
    const answer = await new Promise<string>((resolve, reject) => {
      const asked = request(
        { port: unit.port, host: "127.0.0.1", path: "/slow", rejectUnauthorized: false, agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => text += part).on(
            "end",
            () => resolve(text),
          );
        },
      );
      asked.on("error", reject).end();
      setTimeout(() => process.kill(unit.pid, "SIGTERM"), 250);
    });
    expect(answer).toBe(`by ${unit.pid}`);
    expect(await unit.exited).toBe(0);
  });
});

test("components that make their own server refuse to inherit a socket", (context) => {
  const { Deno, Bun } = globalThis as unknown as Record<string, { readonly serve: never } | undefined>;
  const serve = (Deno ?? Bun)?.serve;
  if (!serve) context.skip(`${runtime} has neither Deno.serve nor Bun.serve`);
  expect(() => httpServer(serve as never, { inherit: "web", fetch: () => new Response() } as never)).toThrow(
    'Cannot make an HTTP server: "inherit" is "web", expected a server of node:http, node:https or node:http2',
  );
  expect(() => httpServer(createServer(), { inherit: "web" })).not.toThrow();
});
