import { Buffer } from "node:buffer";
import { rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, follow, type NoAnswer, type StreamEvent } from "../../../cli/control/wire.ts";
import { folderOf } from "../_serve.ts";

/** Listens on a socket, and does this with each connection once a request has come. */
async function listening(answer: (socket: Socket, asked: string) => unknown): Promise<string> {
  const path = join(folderOf({}), "test-1.sock");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (asked) => void answer(socket, `${asked}`));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

const kindOf = (asked: Promise<unknown>) =>
  asked.then(() => "an answer", (error: unknown) => (error as NoAnswer).kind);

const chunks = (...texts: Uint8Array[]) =>
  texts.map((text) =>
    Buffer.concat([Buffer.from(`${text.length.toString(16)}\r\n`), text, Buffer.from("\r\n")])
  );

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

describe("an answer", () => {
  test("is read by its length, and a request without a body is a GET", async () => {
    const path = await listening((socket, asked) => {
      const body = JSON.stringify({ asked });
      socket.end(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
    });
    const { status, body } = await ask(path, { route: "/status" });
    expect(status).toBe(200);
    expect(body).toEqual({ asked: "GET /status HTTP/1.1\r\nHost: bus\r\nConnection: close\r\n\r\n" });
  });

  test("of a POST has its body, whose length is that of its bytes", async () => {
    const path = await listening((socket, asked) => {
      socket.end(`HTTP/1.1 409 Conflict\r\n\r\n${JSON.stringify({ asked })}`);
    });
    const { status, body } = await ask(path, { route: "/goal", body: { goal: "größer" } });
    expect(status).toBe(409);
    expect((body as { asked: string }).asked).toMatch(
      /^POST \/goal HTTP\/1\.1\r\n[^]*Content-Length: 19\r\n[^]*\r\n\r\n\{"goal":"größer"\}$/,
    );
  });

  test("in chunks is put together, also where a chunk and a letter are cut in pieces", async () => {
    const body = Buffer.from(JSON.stringify({ text: "größer 😀 €", more: "x".repeat(300) }));
    const pieces = Buffer.concat([
      Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`),
      // The server never cuts a letter: each of its chunks is a text.
      ...chunks(body.subarray(0, 9), body.subarray(9)),
      Buffer.from("0\r\n\r\n"),
    ]);
    const path = await listening(async (socket) => {
      for (let at = 0; at < pieces.length; at += 7) {
        socket.write(pieces.subarray(at, at + 7));
        if (at % 70 === 0) await sleep(1);
      }
      socket.end();
    });
    expect((await ask(path, { route: "/" })).body).toEqual(JSON.parse(`${body}`));
  });
});

describe("there is no answer", () => {
  test("where nobody listens, and where the file is no socket", async () => {
    const path = join(folderOf({}), "test-1.sock");
    expect(await kindOf(ask(path, { route: "/" }))).toBe("refused");
    writeFileSync(path, "");
    expect(await kindOf(ask(path, { route: "/" }))).toBe("refused");
    rmSync(path);
  });

  test("where somebody listens and says nothing in time", async () => {
    const path = await listening(() => {});
    expect(await kindOf(ask(path, { route: "/", within: 50 }))).toBe("silent");
    expect(await kindOf(follow(path, { route: "/", within: 50 }, () => {}))).toBe("silent");
  });

  test.each([
    ["that ends at once", ""],
    ["that is no HTTP", "hello\r\n\r\n{}"],
    ["that is cut", `${HEAD}Content-Length: 100\r\n\r\n{"a":`],
    ["that is no JSON", `${HEAD}\r\n<html>`],
  ])("where there is one %s", async (_, text) => {
    const path = await listening((socket) => void socket.end(text));
    expect(await kindOf(ask(path, { route: "/" }))).toBe("cut");
  });

  test("where it is given up", async () => {
    const path = await listening(() => {});
    const given = new AbortController();
    const asked = kindOf(ask(path, { route: "/", signal: given.signal }));
    await sleep(20);
    given.abort();
    expect(await asked).toBe("cut");
  });
});

describe("a stream of events", () => {
  const STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

  test("is followed from its beginning to its end, however it is cut in pieces", async () => {
    const texts = [
      ": hello\n\n",
      "event: state\ndata: {}\n\n",
      "event: log\ndata: grö",
      "ßer\n\ndata: 3\n\n",
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${STREAM}Transfer-Encoding: chunked\r\n\r\n`),
      ...chunks(...texts.map((text) => Buffer.from(text))),
    ]);
    const path = await listening(async (socket) => {
      for (const byte of bytes) socket.write(Uint8Array.of(byte));
      await sleep(20);
      socket.end();
    });
    const events: StreamEvent[] = [];
    const { ended } = await follow(path, { route: "/events" }, (event) => void events.push(event));
    await ended;
    expect(events).toEqual([
      { event: "state", data: "{}" },
      { event: "log", data: "größer" },
      { event: "message", data: "3" },
    ]);
  });

  test("has no limit once it has begun", async () => {
    const path = await listening(async (socket) => {
      socket.write(`${STREAM}\r\n: hello\n\n`);
      await sleep(150);
      socket.end("data: late\n\n");
    });
    const events: StreamEvent[] = [];
    const { ended } = await follow(
      path,
      { route: "/events", within: 100 },
      (event) => void events.push(event),
    );
    await ended;
    expect(events).toEqual([{ event: "message", data: "late" }]);
  });

  test("that is refused is no stream", async () => {
    const path = await listening((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n{}"));
    expect(await kindOf(follow(path, { route: "/events" }, () => {}))).toBe("cut");
  });

  test("can be left", async () => {
    const path = await listening((socket) => void socket.write(`${STREAM}\r\n: hello\n\n`));
    const { ended, close } = await follow(path, { route: "/events" }, () => {});
    close();
    await ended;
  });
});
