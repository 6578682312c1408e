import { expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { start } from "../../spawn.ts";
import { askAt, ownFolder } from "./_asking.ts";

test("examples/control.ts answers while its queue is slow to stop, and ends", async () => {
  const path = `${await ownFolder()}/shop.sock`;
  const { waitForLine, exited } = start("../../examples/control", { args: [path], timeoutMs: 20_000 });
  await waitForLine(`curl --unix-socket ${path} http://bus/goal`);
  const done = askAt(path, "/goal", { body: { goal: "exit" } });
  const status = async () => (await askAt(path, "/status")).json;
  await expect.poll(async () => (await status()).state, { timeout: patient(5000) }).toBe("stop");
  expect((await status()).pending).toMatchObject([{ name: "queue", state: "stop" }]);
  expect((await done).json).toMatchObject({ ok: true });
  expect((await exited).code).toBe(0);
});
