import { chmod, lstat, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import process from "node:process";
import { expect, test, type TestContext } from "vitest";
import { inline, type LogRecord, ProcessBus } from "../../../mod.ts";
import { control, type ControlOptions } from "../../../components/control.ts";
import { removeStaleSockets } from "../../../components/control/stale_sockets.ts";
import {
  controlFolder,
  controlFolders,
  readSocketName,
  socketPath,
} from "../../../components/control/socket_place.ts";
import { askAt, controlled, ownFolder, rawly, withEnvironment } from "./_asking.ts";

/** Starts a bus whose control may not open; returns the warnings. */
async function warnings(options: ControlOptions): Promise<string[]> {
  const bus = new ProcessBus({ name: "shop", platform: inline() });
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record));
  const { opened } = control(bus, options);
  await bus.start();
  await opened;
  await bus.exit();
  return records.filter(({ level }) => level === "warn" || level === "error").map(({ message }) => message);
}

test("the socket is its owner's alone from the first moment, in a folder that is the owner's alone", async () => {
  const folder = await ownFolder();
  withEnvironment({ RUNTIME_DIRECTORY: undefined, XDG_RUNTIME_DIR: folder });
  const bus = new ProcessBus({ name: "my shop/1", platform: inline() });
  const handle = control(bus);
  await bus.start();
  expect(handle.path).toBe(`${folder}/sitebus/my_shop_1-${process.pid}.sock`);
  expect((await stat(handle.path!)).mode & 0o777).toBe(0o600);
  expect((await stat(`${folder}/sitebus`)).mode & 0o777).toBe(0o700);
  expect(controlFolders()).toContain(`${folder}/sitebus`);
  await bus.exit();
  expect(await readdir(`${folder}/sitebus`)).toEqual([]);
});

test("the folder is that of systemd, else that of the session, else a private one", async () => {
  const folder = await ownFolder();
  const uid = process.getuid?.() ?? 0;
  const of = (env: Record<string, string>) => controlFolder({ env, uid });
  expect(await of({ RUNTIME_DIRECTORY: "/run/shop:/run/other", XDG_RUNTIME_DIR: folder })).toBe("/run/shop");
  expect(await of({ XDG_RUNTIME_DIR: `${folder}/` })).toBe(`${folder}/sitebus`);
  expect(await of({ XDG_RUNTIME_DIR: "/nowhere" })).toBe(`/tmp/sitebus-${uid}`);
  expect(await controlFolder({ env: { XDG_RUNTIME_DIR: folder }, uid: uid + 1 })).toBe(
    `/tmp/sitebus-${uid + 1}`,
  );
  expect(await controlFolder({ env: {}, uid: undefined })).toBeUndefined();
});

test("the name of a socket is told from other files", () => {
  expect(socketPath("/run/x/", { name: "shop", pid: 12 })).toBe("/run/x/shop-12.sock");
  expect(socketPath("/run/x", { name: "../é".repeat(40), pid: 12 })).toMatch(
    /^\/run\/x\/_[._]{1,39}-12\.sock$/,
  );
  expect(socketPath(undefined, { name: "shop", pid: 12 })).toBe("\\\\.\\pipe\\sitebus-shop-12");
  expect(readSocketName("/run/x/my-shop-12.sock")).toEqual({ name: "my-shop", pid: 12 });
  expect(readSocketName("\\\\.\\pipe\\sitebus-shop-12")).toEqual({ name: "shop", pid: 12 });
  for (const other of ["shop.sock", "shop-0.sock", "shop-12.sock.lock", "-12.sock", "shop-12"]) {
    expect(readSocketName(other)).toBeUndefined();
  }
});

test("a path that is a file, a link or too long is one warning, and the bus runs", async () => {
  const folder = await ownFolder();
  await writeFile(`${folder}/file`, "text");
  expect(await warnings({ path: `${folder}/file` })).toEqual([
    "Cannot open control: there is a file of this name that is no socket",
  ]);
  await symlink(`${folder}/elsewhere`, `${folder}/link`);
  expect(await warnings({ path: `${folder}/link` })).toEqual([
    "Cannot open control: there is a file of this name that is no socket",
  ]);
  expect((await lstat(`${folder}/link`)).isSymbolicLink()).toBe(true);
  expect(await warnings({ path: `${folder}/${"x".repeat(108)}` })).toEqual([
    "Cannot open control: the path has more than 107 bytes",
  ]);
  expect(await warnings({ path: `${folder}/none/x.sock` })).toEqual([
    expect.stringContaining("Cannot open control: "),
  ]);
});

test("a folder that is a link, or that others may write to, is refused", async () => {
  const folder = await ownFolder();
  const of = (name: string) => {
    withEnvironment({ RUNTIME_DIRECTORY: `${folder}/${name}`, XDG_RUNTIME_DIR: undefined });
    return warnings({});
  };
  await mkdir(`${folder}/open`);
  await chmod(`${folder}/open`, 0o777);
  expect(await of("open")).toEqual([expect.stringContaining("others may write to it")]);
  await mkdir(`${folder}/real`, { mode: 0o700 });
  await symlink(`${folder}/real`, `${folder}/link`);
  expect(await of("link")).toEqual([expect.stringContaining("it is a link")]);
  await writeFile(`${folder}/file`, "");
  expect(await of("file")).toEqual([expect.stringContaining("it is no folder")]);
  expect(await warnings({ path: `${folder}/open/x.sock` })).toEqual([
    expect.stringContaining("is not safe: others"),
  ]);
});

test("a folder of another user is refused", async (context: TestContext) => {
  if (process.getuid?.() !== 0) context.skip("only root can give a folder to another user");
  const { chown } = await import("node:fs/promises");
  const folder = await ownFolder();
  await chown(folder, 65_534, 65_534);
  withEnvironment({ RUNTIME_DIRECTORY: folder, XDG_RUNTIME_DIR: undefined });
  expect(await warnings({})).toEqual([expect.stringContaining("it belongs to the user 65534")]);
});

test("two processes of one name have a socket each, and a second bus of one name is warned", async () => {
  const { bus, path } = await controlled();
  await bus.start();
  expect(await warnings({ path })).toEqual(["Cannot open control: another process listens there"]);
  expect((await askAt(path, "/status")).json.name).toBe("shop");
});

test("sockets that killed processes left are removed, and no others", async () => {
  const folder = await ownFolder();
  const { spawnSync } = await import("node:child_process");
  const script = `require("net").createServer().listen(${JSON.stringify(`${folder}/dead-1.sock`)}, () => ` +
    `process.kill(process.pid, "SIGKILL"))`;
  spawnSync("node", ["-e", script]);
  await writeFile(`${folder}/other.txt`, "");
  const living = createServer().listen(`${folder}/living-2.sock`);
  await new Promise((resolve) => living.on("listening", resolve));
  expect(await removeStaleSockets(folder)).toEqual([`${folder}/dead-1.sock`]);
  expect((await readdir(folder)).sort()).toEqual(["living-2.sock", "other.txt"]);
  living.close();
});

test("half a request and a body that is too long end with an answer or the connection, and hold nobody up", async () => {
  const { bus, path, ask } = await controlled();
  await bus.start();
  await rawly(path, "GET /sta");
  await rawly(path, "POST /goal HTTP/1.1\r\nhost: bus\r\ncontent-length: 100\r\n\r\n{");
  await rawly(path, "\0\x01\x02\r\n\r\n");
  const gone = await rawly(path, "POST /goal HTTP/1.1\r\nhost: bus\r\ncontent-length: 100\r\n\r\n{");
  gone.destroy();
  const long = await ask("/goal", { body: JSON.stringify({ goal: "x".repeat(70_000) }) });
  expect([long.status, long.json.error]).toEqual([413, "The body has more than 65536 bytes"]);
  expect((await ask("/status")).status).toBe(200);
  const since = performance.now();
  await bus.exit();
  expect(performance.now() - since).toBeLessThan(4_000);
});

test("of very many idle connections the oldest are closed, and whoever asks is answered", async () => {
  const { bus, path, ask } = await controlled();
  await bus.start();
  const sockets = [];
  let closed = 0;
  for (let i = 0; i < 300; i++) {
    const socket = await rawly(path, "");
    socket.on("error", () => {});
    socket.on("close", () => closed++);
    socket.resume();
    sockets.push(socket);
  }
  await expect.poll(() => closed).toBeGreaterThan(190);
  expect((await ask("/status")).status).toBe(200);
  expect(sockets.at(-1)!.destroyed).toBe(false);
});

test("options that cannot be used are refused at once", () => {
  const bus = new ProcessBus({ platform: inline() });
  const make = (options: unknown) => () => control(bus, options as ControlOptions);
  expect(make({ pipe: 1 })).toThrow('unknown option "pipe"');
  expect(make({ mode: 0o1000 })).toThrow(RangeError);
  expect(make({ path: "" })).toThrow(TypeError);
  expect(make({ rights: ["fly"] })).toThrow('"rights" has "fly"');
  expect(make({ page: { port: 70_000 } })).toThrow(RangeError);
  expect(make({ page: { port: 0, token: "short-secret" } })).toThrow("16 characters");
  expect(() => make({ page: { port: 0, token: "short-secret" } })()).not.toThrow("short-secret");
  expect(make({ group: 1.5 })).toThrow(TypeError);
});
