import { describe, expect, test } from "vitest";
import { httpServer, type SrvxServerLike } from "../../../components/http.ts";
import { runtime } from "../../spawn.ts";
import { serving } from "./_serving.ts";
import { app } from "./_web_app.ts";
import { webServerSuite } from "./_web_server.ts";

// The runner takes the one for Node on every runtime.
const modules = {
  node: () => import("srvx/node"),
  deno: () => import("srvx/deno"),
  bun: () => import("srvx/bun"),
};
const { serve } = await modules[runtime]() as unknown as typeof import("srvx");

const own = { fetch: app as never, silent: true, bun: { idleTimeout: 255 } };

webServerSuite("srvx", {
  skip: undefined,
  make: (fetch, options) =>
    httpServer(
      serve({ ...own, fetch: fetch as never, manual: true, gracefulShutdown: false }) as SrvxServerLike,
      options,
    ),
  ownSignal: runtime === "bun",
  countsStreams: runtime !== "deno",
  tellsSilent: runtime !== "bun",
  closesAfterAnswer: runtime !== "deno",
  sendsFetched: runtime === "deno",
});

describe("srvx: a server", () => {
  test("that stops by itself on a signal is refused", () => {
    const { CI } = process.env;
    // Else srvx would really listen to the signals of the tests.
    process.env["CI"] = "1";
    const server = serve({ ...own, manual: true });
    if (CI === undefined) delete process.env["CI"];
    expect(() => httpServer(server as SrvxServerLike)).toThrow(
      'Cannot serve by the server of srvx: it stops by itself on a signal, which is for the bus to do; make it with "gracefulShutdown: false"',
    );
  });

  test("that listens already is refused", async () => {
    const server = serve({ ...own, hostname: "127.0.0.1", port: 0, gracefulShutdown: false });
    await server.ready();
    expect(() => httpServer(server as SrvxServerLike)).toThrow(
      'Cannot serve by the server of srvx: it listens already, which is for the bus to say; make it with "manual: true"',
    );
    await server.close(true);
  });

  test("tells its own url when it is started, and again when it is started anew", async () => {
    const server = serve({ ...own, manual: true, gracefulShutdown: false });
    const { http, bus, stop } = await serving(httpServer(server as SrvxServerLike, { port: 0 }));
    expect(server.url).toBe(http.url);
    await stop();
    await bus.start();
    expect(await (await fetch(server.url ?? "")).text()).toBe("done /");
  });
});
