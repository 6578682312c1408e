import { execFile } from "node:child_process";
import { chmod, stat } from "node:fs/promises";
import process from "node:process";
import { expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { runtime, start } from "../../spawn.ts";
import { askAt, controlled, ownFolder, rawly } from "./_asking.ts";

const program = (path: string, what: string, options = {}) =>
  start("control_process", { args: [path, what], timeoutMs: 20_000, ...options });

test("control keeps no process alive, also while clients are connected", async () => {
  // On Bun an answer under way holds its process, whatever is done to its socket.
  const path = `${await ownFolder()}/x.sock`;
  const { waitForLine, exited } = program(path, "ends");
  await waitForLine("open ");
  const idle = await rawly(path, "");
  const reader = runtime === "bun" ? idle : await rawly(path, "GET /events HTTP/1.1\r\nhost: bus\r\n\r\n");
  for (const socket of [idle, reader]) socket.on("error", () => {}).resume();
  const { code, lines } = await exited;
  expect([code, lines.slice(1)]).toEqual([0, ["nothing more to do"]]);
});

test("another user cannot connect", async (context) => {
  if (process.getuid?.() !== 0) return context.skip("only root can become another user");
  const { bus, path } = await controlled();
  await bus.start();
  await chmod(path.slice(0, path.lastIndexOf("/")), 0o755);
  expect((await askAt(path, "/status")).status).toBe(200);
  expect(await curlAs(65_534, path)).toMatch(/permission denied|could not connect|failed to connect/i);
});

test("with a group and its permissions, the group alone may connect", async (context) => {
  if (process.getuid?.() !== 0) return context.skip("only root can give a socket to any group");
  const { bus, path } = await controlled({ mode: 0o660, group: 1 });
  await bus.start();
  await chmod(path.slice(0, path.lastIndexOf("/")), 0o755);
  const { mode, gid } = await stat(path);
  expect([mode & 0o777, gid]).toEqual([0o660, 1]);
  expect(await curlAs(65_534, path)).toMatch(/permission denied|could not connect|failed to connect/i);
  expect(await curlAs(65_534, path, 1)).toContain('"name":"shop"');
});

/** Asks for the status as another user, by a program in C: no runtime has to be readable for it. */
function curlAs(uid: number, path: string, gid = 65_534): Promise<string> {
  const args = ["--reuid", `${uid}`, "--regid", `${gid}`, "--clear-groups", "curl", "-sS", "-m", "5"];
  return new Promise((resolve) => {
    execFile("setpriv", [...args, "--unix-socket", path, "http://bus/status"], (error, stdout, stderr) => {
      resolve(error ? `${stderr}${error.message}` : stdout);
    });
  });
}

test("without a file descriptor left it does not answer, and answers again when there are some", async (context) => {
  if (process.platform !== "linux") return context.skip("it needs prlimit");
  if (runtime === "deno") return context.skip("no server of Deno's node:http accepts again after EMFILE");
  const path = `${await ownFolder()}/x.sock`;
  const { waitForLine, kill, exited } = program(path, "exhausts", { launcher: ["prlimit", "--nofile=128"] });
  await waitForLine("exhausted: EMFILE");
  const early = askAt(path, "/status").catch((error: unknown) => error);
  await waitForLine("free");
  await early;
  await expect.poll(async () => (await askAt(path, "/status")).status, { timeout: patient(5000) }).toBe(200);
  kill("SIGTERM");
  expect((await exited).code).toBe(0);
});

test("Deno without the permissions says so once, asks for none, and the bus runs", async (context) => {
  if (runtime !== "deno") return context.skip("permissions are Deno's");
  const { waitForLine, kill, exited } = program("", "blocks", {
    denoPermissions: ["--allow-env", "--allow-sys", "--allow-read", "--allow-net"],
  });
  await waitForLine("open undefined");
  kill("SIGTERM");
  const { code, lines } = await exited;
  expect([code, lines]).toEqual([
    0,
    ["warn: Cannot open control: Deno was not given the permission --allow-write", "open undefined", "left"],
  ]);
});

test("Deno with just what control needs opens it", async (context) => {
  if (runtime !== "deno") return context.skip("permissions are Deno's");
  const path = `${await ownFolder()}/x.sock`;
  const { waitForLine, kill, exited } = program(path, "blocks", {
    denoPermissions: ["--allow-env", "--allow-sys", "--allow-read", "--allow-write", "--allow-net"],
  });
  await waitForLine(`open ${path}`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await askAt(path, "/status")).json).toMatchObject({ state: "run" });
  kill("SIGTERM");
  expect((await exited).lines).toEqual([`open ${path}`, "left"]);
});
