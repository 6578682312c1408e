import { renameSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import { LOCALHOST, OTHER, type Pair } from "../components/reload/_certificates.ts";
import { untilTimes } from "../components/units/_site_program.ts";
import { folderOf, serving } from "./_serve.ts";
import { LONG_MS, startWorkers } from "./_workers.ts";

const HELLO = `export default (request) => new Response("hello " + new URL(request.url).pathname);`;
const NODE = `export default { node: (request, response) => response.end("hello " + request.url) };`;

let handshakes = 0;

/** Whose certificate a handshake shows. */
function shown(url: string): Promise<string> {
  // Deno would go on with an earlier session of the same name, and show the certificate of that.
  const servername = `${++handshakes}.invalid`;
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      { host: "127.0.0.1", port: Number(new URL(url).port), rejectUnauthorized: false, servername },
      () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      },
    );
    socket.on("error", reject);
  });
}

function ask(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => resolve(text));
    }).on("error", reject);
  });
}

/** Files beside each other, and the way to replace one as a whole. */
function files(all: Readonly<Record<string, string>>) {
  const folder = folderOf(all);
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(`${name}.new`), text);
    renameSync(path(`${name}.new`), path(name));
  };
  const certify = ({ cert, key }: Partial<Pair>) => {
    if (cert !== undefined) write("a.crt", cert);
    if (key !== undefined) write("a.key", key);
  };
  return { path, write, certify };
}

async function untilShown(url: string, name: string): Promise<void> {
  for (let look = 0; await shown(url) !== name; look++) {
    if (look > 200) throw new Error(`The certificate of ${name} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each([["a fetch function", HELLO], ["a Node-style function", NODE]])(
  "the certificate of %s",
  (_, app) => {
    test("is another one after SIGHUP, or the last one where the new one is wrong", async () => {
      const { path, certify } = files({ "app.mjs": app, "a.crt": LOCALHOST.cert, "a.key": LOCALHOST.key });
      const program = await serving(path("app.mjs"), "--tls-cert", path("a.crt"), "--tls-key", path("a.key"));
      expect([await shown(program.url), await ask(program.url)]).toEqual(["localhost", "hello /"]);
      certify(OTHER);
      program.kill("SIGHUP");
      await program.waitForLine("reloaded, generation 1");
      expect([await shown(program.url), await ask(program.url)]).toEqual(["other.localhost", "hello /"]);
      certify({ cert: LOCALHOST.cert });
      program.kill("SIGHUP");
      expect(await program.waitForLine("is the key of another one")).toContain(path("a.crt"));
      expect([await shown(program.url), await ask(program.url)]).toEqual(["other.localhost", "hello /"]);
      program.kill("SIGTERM");
      expect((await program.exited).code).toBe(0);
    });
  },
);

test("with --reload, new files are enough", async () => {
  const { path, write, certify } = files({
    "app.mjs": HELLO,
    "a.crt": LOCALHOST.cert,
    "a.key": LOCALHOST.key,
    "my.json": `{ "module": "./app.mjs", "tlsCert": "./a.crt", "tlsKey": "./a.key" }`,
  });
  const program = await serving(`--config=${path("my.json")}`, "--reload");
  certify(OTHER);
  await untilShown(program.url, "other.localhost");
  write("my.json", `{ "module": "./app.mjs", "tlsCert": "./a.crt", "tlsKey": "./a.key", "json": true }`);
  await program.waitForLine(`"keys":["json"]`);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("with --reload and --workers, new files roll the workers", async () => {
  const { path, write, certify } = files({
    "app.mjs": HELLO,
    "a.crt": LOCALHOST.cert,
    "a.key": LOCALHOST.key,
    "my.json": `{ "module": "./app.mjs", "tlsCert": "./a.crt", "tlsKey": "./a.key" }`,
  });
  const program = await startWorkers(`--config=${path("my.json")}`, ["--reload", "--workers", "2"]);
  expect(await shown(program.url)).toBe("localhost");
  certify(OTHER);
  await untilShown(program.url, "other.localhost");
  await untilTimes(program, "is rolled", 1);
  expect([await shown(program.url), await shown(program.url)]).toEqual([
    "other.localhost",
    "other.localhost",
  ]);
  // What the new workers cannot use leaves the old ones serving.
  write("my.json", `{ "module": "./none.mjs", "tlsCert": "./a.crt", "tlsKey": "./a.key" }`);
  await program.waitForLine("the old units stay");
  expect(await ask(program.url)).toBe("hello /");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);

describe("the config file", () => {
  test.each(["my.json", "my.mjs"])(
    "%s is read again by SIGHUP: what can change does, the rest is named",
    async (name) => {
      const text = (values: object) =>
        `${name === "my.json" ? "" : "export default "}${JSON.stringify(values)}`;
      const { path, write } = files({
        "app.mjs": HELLO,
        [name]: text({ module: "./app.mjs", keepAlive: "60s" }),
      });
      const program = await serving(`--config=${path(name)}`);
      write(name, text({ module: "./app.mjs", port: 8080, lameDuck: "1s", keepAlive: "5s" }));
      program.kill("SIGHUP");
      expect(await program.waitForLine("takes a restart")).toBe(
        // The port was typed, and so is that of the command line.
        `sitebus: warning: "lameDuck" of "${path(name)}" changed, which takes a restart`,
      );
      expect(await program.waitForLine('"keepAlive" of')).toBe(
        `sitebus: "keepAlive" of "${path(name)}" changed`,
      );
      const response = await fetch(program.url);
      await response.text();
      if (response.headers.get("keep-alive") !== null) {
        expect(response.headers.get("keep-alive")).toBe("timeout=5");
      }
      // What is wrong changes nothing, and is one line.
      write(name, text({ module: "./app.mjs", keepAlive: "soon" }));
      program.kill("SIGHUP");
      const why = await program.waitForLine("keepAlive is");
      expect(why).toContain(`Cannot use "${path(name)}": keepAlive is "soon": expected a time`);
      write(name, text({ module: "./app.mjs", json: true }));
      program.kill("SIGHUP");
      await program.waitForLine('"keys":["keepAlive","json"]');
      program.kill("SIGTERM");
      expect((await program.exited).code).toBe(0);
    },
  );

  test("is not watched without --reload", async () => {
    const { path, write } = files({ "app.mjs": HELLO, "my.json": `{ "module": "./app.mjs" }` });
    const program = await serving(`--config=${path("my.json")}`);
    write("my.json", `{ "module": "./app.mjs", "keepAlive": "5s" }`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    program.kill("SIGTERM");
    expect((await program.exited).lines.join("\n")).not.toContain("keepAlive");
  });
});
