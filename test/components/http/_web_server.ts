/**
 * What every server that is given a function from Request to Response has to do, whatever it is made of.
 * @module
 */
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import type { Component } from "../../../mod.ts";
import { type HttpServer, type HttpServerOptions, requestSignal } from "../../../components/http.ts";
import { sleep } from "../../spawn.ts";
import { type Client, connectTo, seen } from "./_node_client.ts";
import { serving } from "./_serving.ts";
import { type App, app } from "./_web_app.ts";

/** A busy machine may be so late; the bench measures exactly. */
export const SLACK_MS = 1000;

/** How an application is served. */
export interface AppOptions extends HttpServerOptions {
  /** The runtime's own options. */
  readonly serve?: Readonly<Record<string, unknown>>;
}

/** A server under test. */
export interface Subject {
  /** Why it cannot run here. */
  readonly skip: string | undefined;
  /** Makes the component of an application. */
  readonly make: (app: App, options: AppOptions) => Component<HttpServer>;
  /** Whether `request.signal` is the one that fires before the cut. */
  readonly ownSignal: boolean;
  /** Whether it counts an answer until its last byte, and can cut it; Deno counts those alone that are not begun. */
  readonly countsStreams: boolean;
  /** Whether a client that connects and says nothing is told the end; Bun never accepts it. */
  readonly tellsSilent: boolean;
  /** Whether the server closes the connection after the answer that says so; Deno leaves it to the client. */
  readonly closesAfterAnswer: boolean;
  /** Whether what `fetch` has decoded is sent with headers that fit, outside of a drain; Node and Bun keep the encoding. */
  readonly sendsFetched: boolean;
}

/** What further tests of a server are made with. */
export interface WebServerTests {
  /** Makes a component on a free port. */
  make(application: App, options?: AppOptions): Component<HttpServer>;
  /** A test of this server, skipped where it cannot run. */
  check(title: string, body: () => Promise<void>): void;
}

/** The suite. */
export function webServerSuite(name: string, subject: Subject): WebServerTests {
  const make = (application: App, options: AppOptions = {}) =>
    subject.make(application, { ...(options.path === undefined ? { port: 0 } : {}), ...options });
  const check = (title: string, body: () => Promise<void>) =>
    test(title, { timeout: patient(30_000) }, async (context) => {
      if (subject.skip !== undefined) context.skip(subject.skip);
      await body();
    });

  describe(`${name}: a request in flight on a connection that its client keeps`, () => {
    check("is answered with Connection: close, and the stop takes no longer than it", async () => {
      const { http, stop } = await serving(make(app));
      const client = await connectTo(http);
      client.get("/");
      await client.received("done /");
      client.get("/slow?500");
      await seen(http, 1);
      expect(await stop()).toBeLessThan(patient(500 + SLACK_MS));
      expect((await client.ended).how).toBe("end");
      expect(await client.received("done /slow")).toMatch(/connection: close[^]*done/i);
    });

    check("counts until the last byte of a stream, which is sent to its end", async () => {
      const { http, stop } = await serving(make(app));
      const client = await connectTo(http);
      client.get("/stream?500");
      await client.received("begun");
      expect(http.inFlight).toBe(subject.countsStreams ? 1 : 0);
      expect(await stop()).toBeLessThan(patient(500 + SLACK_MS));
      expect(await client.received("ended")).toContain("begun");
      expect((await client.ended).how).toBe("end");
    });

    check("is sent to its end while its body still comes", async () => {
      const { http, stop } = await serving(make(app));
      const client = await connectTo(http);
      client.send("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
      await seen(http, 1);
      const stopped = stop();
      await sleep(200);
      client.send("world");
      await client.received("got 10");
      expect(await stopped).toBeLessThan(patient(200 + SLACK_MS));
    });
  });

  describe(`${name}: a connection`, () => {
    check("that is idle is ended in order, and holds nothing", async () => {
      const { http, stop } = await serving(make(app));
      const client = await connectTo(http);
      client.get("/");
      await client.received("done /");
      expect(await stop()).toBeLessThan(patient(SLACK_MS));
      expect((await client.ended).how).toBe("end");
    });

    check("that never sent a byte holds nothing for longer than a second", async () => {
      const { http, stop } = await serving(make(app));
      const [one, two] = await Promise.all([connectTo(http), connectTo(http)]);
      expect(await stop()).toBeLessThan(patient(1000 + SLACK_MS));
      if (subject.tellsSilent) await Promise.all([one.ended, two.ended]);
    });

    check("1000 idle ones hold nothing", async () => {
      const { http, stop } = await serving(make(app));
      const clients: Client[] = [];
      const since = performance.now();
      while (clients.length < 1000) {
        clients.push(...await Promise.all(Array.from({ length: 50 }, () => connectTo(http))));
      }
      await Promise.all(clients.map((client) => {
        client.get("/");
        return client.received("done /");
      }));
      // A machine that is slow to open them is slow to end them.
      expect(await stop()).toBeLessThan(patient(Math.max(1500, performance.now() - since)));
      const ends = await Promise.all(clients.map(({ ended }) => ended));
      expect(new Set(ends.map(({ how }) => how))).toEqual(new Set(["end"]));
    });

    check("on which a request is sent as the drain begins is answered, not reset", async () => {
      const { http, stop } = await serving(make(app));
      const client = await connectTo(http);
      client.get("/");
      await client.received("done /");
      client.get("/just");
      await stop();
      await client.received("done /just");
    });
  });

  describe(`${name}: a late request`, () => {
    const cut = (
      title: string,
      path: string | ((client: Client) => void),
      { isBegun = false }: { readonly isBegun?: boolean } = {},
    ) =>
      check(title, async () => {
        const { http, records, stop } = await serving(make(app), { drainMs: 600 });
        const client = await connectTo(http);
        if (typeof path === "string") client.get(path);
        else path(client);
        const canCut = subject.countsStreams || !isBegun;
        if (canCut) await seen(http, 1);
        else await sleep(200);
        expect(await stop()).toBeLessThan(patient(600 + SLACK_MS));
        expect(records.map(({ message }) => message)).toContain(
          canCut
            ? "http cut 1 request at the end of its time"
            : "http cannot cut what is left at the end of its time: it ends with the process",
        );
        await connectTo(http).then(() => expect.unreachable("It listens still"), () => {});
      });

    cut("is cut at the end of the time, counted and logged", "/never");
    cut("is cut where it streams", "/stream?60000", { isBegun: true });
    cut("is cut where it reads nothing", (client) => {
      client.socket.pause();
      client.get("/large");
    }, { isBegun: true });
    cut("is cut where its body never comes", (client) => {
      client.send("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
    });

    check("is not one of which only half was sent", async () => {
      const { http, stop } = await serving(make(app), { drainMs: 600 });
      const client = await connectTo(http);
      client.send("GET / HT");
      await sleep(50);
      expect(await stop()).toBeLessThan(patient(600 + SLACK_MS));
      expect((await client.ended).how).not.toBe("open");
    });

    check("is not an event stream, which is told to end when the server accepts no more", async () => {
      const { http, records, stop } = await serving(make(app), { drainMs: 5000 });
      const client = await connectTo(http);
      client.get("/sse");
      await client.received("begun");
      expect(await stop()).toBeLessThan(SLACK_MS + 100);
      await client.received("ended");
      expect(records.map(({ message }) => message).join()).not.toContain("cut");
    });

    check("may be an event stream with finishStreams", async () => {
      const { http, stop } = await serving(make(app, { finishStreams: true }), { drainMs: 1500 });
      const client = await connectTo(http);
      client.get("/sse");
      await client.received("begun");
      expect(await stop()).toBeGreaterThan(900);
      await client.received("ended");
    });

    check("is counted, and may be a failure", async () => {
      const { http, bus, records } = await serving(make(app, { failOnCut: true }), { drainMs: 400 });
      const client = await connectTo(http);
      client.get("/never");
      await seen(http, 1);
      await expect(bus.stop()).rejects.toThrow("its requests were cut");
      expect(http.cutRequests).toBe(1);
      expect(records).toContainEqual(expect.objectContaining({ event: "cut", requests: 1, cut: 1, left: 0 }));
    });

    check("ends in order if its handler listens to the signal of the request", async () => {
      const { http, records, stop } = await serving(make(app), { drainMs: 1500 });
      const client = await connectTo(http);
      client.get("/events");
      await client.received("begun");
      expect(await stop()).toBeLessThan(patient(1500));
      await client.received("ended");
      expect(records.map(({ message }) => message).join()).not.toContain("cut");
    });
  });

  describe(`${name}: the signal of a request`, () => {
    check("fires when its client goes away", async () => {
      let fired = () => {};
      const gone = new Promise<void>((resolve) => fired = resolve);
      const { http } = await serving(make((request) => {
        requestSignal(request).addEventListener("abort", () => fired());
        return new Promise((resolve) => gone.then(() => resolve(new Response())));
      }));
      const client = await connectTo(http);
      client.get("/");
      await seen(http, 1);
      client.socket.destroy();
      await gone;
    });

    check("does not fire after an answer", async () => {
      const signals: AbortSignal[] = [];
      const { http } = await serving(make((request) => {
        signals.push(requestSignal(request));
        return new Response("quick");
      }));
      const client = await connectTo(http);
      for (const path of ["/1", "/2"]) {
        client.get(path);
        await client.received("quick");
      }
      await expect.poll(() => signals.length).toBe(2);
      await sleep(50);
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    });

    check("is the request's own", async () => {
      if (!subject.ownSignal) return;
      const own: boolean[] = [];
      const { http } = await serving(make((request) => {
        own.push(request.signal === requestSignal(request), request.signal instanceof AbortSignal);
        return new Response("quick");
      }));
      await (await fetch(http.url)).text();
      expect(own).toEqual([true, true]);
    });
  });

  describe(`${name}: a lame duck`, () => {
    check("goes on serving old and new clients, and says that the connection closes", async () => {
      const { http, bus } = await serving(make(app, { lameDuckMs: 600 }));
      const [old, kept] = [await connectTo(http), await connectTo(http)];
      for (const client of [old, kept]) {
        client.get("/before");
        await client.received("done /before");
      }
      kept.get("/slow?200");
      await seen(http, 1);
      const stopped = bus.stop();
      await expect.poll(() => bus.state).toBe("drain");
      old.get("/old");
      const fresh = await connectTo(http);
      fresh.get("/redirect");
      await Promise.all([
        old.received("done /old"),
        kept.received("done /slow"),
        fresh.received("elsewhere"),
      ]);
      if (subject.closesAfterAnswer) await Promise.all([old.ended, fresh.ended]);
      await stopped;
      for (const client of [old, kept, fresh]) {
        expect(client.text.match(/connection: close/ig)).toHaveLength(1);
        expect((await client.ended).how).toBe("end");
      }
    });
  });

  describe(`${name}: an answer of fetch`, () => {
    check(
      "is sent in the drain as at other times: a copy would have the wrong length and encoding",
      async () => {
        if (!subject.sendsFetched) return;
        const upstream = createServer((_, response) => {
          const body = gzipSync("hello ".repeat(1000));
          response.writeHead(200, {
            "content-encoding": "gzip",
            "content-length": body.length,
            "x-up": "yes",
          });
          response.end(body);
        });
        onTestFinished(() => void upstream.close());
        await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
        const { port } = upstream.address() as { port: number };
        const { http, bus } = await serving(
          make(() => fetch(`http://127.0.0.1:${port}/`), { lameDuckMs: 800 }),
        );
        const ask = async () => {
          const client = await connectTo(http);
          client.get("/");
          const text = await client.received("\r\n0\r\n\r\n");
          // Where it is cut into chunks is a matter of chance.
          return text.replace(/^date:.*\r\n/gim, "").replace(/\r\n[0-9a-f]+(?=\r\n)/g, "").replace(
            /(?<=\w)\r\n(?=[ \w])/g,
            "",
          );
        };
        const before = await ask();
        const stopped = bus.stop();
        await expect.poll(() => bus.state).toBe("drain");
        expect(await ask()).toBe(before);
        expect(before).toMatch(/x-up: yes/i);
        expect(before.replaceAll("\r\n", "").match(/hello /g)).toHaveLength(1000);
        await stopped;
      },
    );
  });

  describe(`${name}: the health`, () => {
    check("is answered before the application gets the request, for GET and HEAD only", async () => {
      const asked: string[] = [];
      const { http } = await serving((bus) =>
        make((request) => {
          const { pathname } = new URL(request.url);
          asked.push(`${request.method} ${pathname}`);
          return new Response("the application", { status: 404 });
        }, { health: { bus } })
      );
      asked.splice(0);
      const get = async (path: string, method = "GET") => {
        const response = await fetch(new URL(path, http.url), { method });
        return [response.status, response.headers.get("content-type"), await response.text()] as const;
      };
      const [status, type, text] = await get("/readyz?now");
      expect([status, type]).toEqual([200, "application/json"]);
      expect(JSON.parse(text)).toBeInstanceOf(Object);
      expect((await get("/livez", "HEAD")).slice(0, 2)).toEqual([200, "application/json"]);
      expect(asked).toEqual([]);
      expect((await get("/readyz", "POST"))[2]).toBe("the application");
      expect((await get("/other"))[2]).toBe("the application");
      expect(asked).toEqual(["POST /readyz", "GET /other"]);
    });
  });

  describe(`${name}: a server`, () => {
    check("may be started again and again", async () => {
      const served = await serving(make(app));
      for (let life = 0; life < 3; life++) {
        const { url } = served.http;
        expect(await (await fetch(url)).text()).toBe("done /");
        await served.stop();
        await expect(fetch(url)).rejects.toThrow();
        await served.bus.start();
      }
    });

    check("says in one line that its port is in use", async () => {
      const { http } = await serving(make(app));
      const { port = 0 } = http;
      await expect(serving(make(app, { port }))).rejects.toThrow(
        `Cannot listen on 127.0.0.1:${port}: the port is in use`,
      );
    });
  });

  return { make, check: (title, body) => check(`${name}: ${title}`, body) };
}
