import { expect, onTestFinished, test, vi } from "vitest";
import { FLEET_HELP, runFleet } from "../../cli/fleet.ts";
import { serverOfFile } from "../components/fleet/_nats.ts";
import { startNode } from "../components/fleet/_node.ts";

const server = serverOfFile();

/** Runs the command; returns its exit code and what it printed. */
async function ctl(...words: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const before = process.exitCode;
  onTestFinished(() => void (process.exitCode = before));
  process.exitCode = 0;
  try {
    await runFleet(["--server", `nats://127.0.0.1:${server.port}`, ...words]);
    return { code: Number(process.exitCode), text: lines.join("\n") };
  } finally {
    spy.mockRestore();
    process.exitCode = before;
  }
}

test("ctl --fleet tells of members, reloads, and rolls", async () => {
  await startNode(server.port, { name: "shop", node: "one", rights: ["reload", "graceful"], version: "1.0" });
  await startNode(server.port, {
    name: "shop",
    node: "two\nx",
    veto: (details) => details === "black" ? "too dark" : undefined,
  });
  expect(await ctl("--fleet", "shop")).toEqual({
    code: 0,
    text: expect.stringMatching(/^shop: generation 0, 2 members/),
  });
  const { text } = await ctl("--fleet", "shop", "members");
  expect(text).toMatch(/^NODE +STATE +GENERATION +VERSION/);
  expect(text.split("\n")).toHaveLength(3);
  expect(await ctl("--fleet", "shop", "reload", "--details", '"blue"')).toEqual({
    code: 0,
    text: "Generation 1: 2 of 2 members have it",
  });
  const vetoed = await ctl("--fleet", "shop", "reload", "--details", '"black"');
  expect(vetoed.code).toBe(1);
  expect(vetoed.text).toMatch(/^Generation 2: 1 of 2 members have it\n.*too dark/);
  expect((await ctl("--fleet", "shop", "status")).text).toMatch(/is at generation 1: .*too dark/);
  const rolled = await ctl("--fleet", "shop", "roll", "graceful", "--keep-going");
  expect(rolled.code).toBe(1);
  expect(rolled.text).toMatch(/one is ready, 1 of 2/);
  expect(rolled.text).toMatch(/has failed: the node does not grant the right "graceful"/);
  expect(rolled.text).toMatch(/Roll "graceful" is over: 1 done, .* failed$/);
  expect(JSON.parse((await ctl("--fleet", "shop", "members", "--json")).text)).toHaveLength(2);
}, 30_000);

test("ctl --fleet refuses what it cannot understand, and tells where no server is", async () => {
  const refused: readonly (readonly [string[], string])[] = [
    [["--fleet", "a.b"], '--fleet is "a.b": expected up to 64 letters'],
    [["--fleet", "shop", "fly"], 'Unknown "fly" of --fleet: expected one of status, members, reload, roll'],
    [["--fleet", "shop", "roll", "fly"], 'Unknown roll "fly"'],
    [["--fleet", "shop", "reload", "now"], "ctl --fleet has an argument"],
    [["--fleet", "shop", "roll", "--at-once", "0"], '--at-once is "0": expected a number from 1 on'],
    [["--fleet", "shop", "reload", "--details", "{"], '--details is "{": expected JSON'],
    [["--fleet", "shop", "--within", "9"], '--within is "9": expected a time'],
    [["--fleet", "shop", "--server", "http://a"], '--server is "http://a": expected an address'],
    [["--fleet", "shop", "--nope"], "--nope"],
  ];
  for (const [words, message] of refused) await expect(ctl(...words)).rejects.toThrow(message);
  expect((await ctl("--fleet", "shop", "--server", "127.0.0.1:1")).code).toBe(2);
  expect((await ctl("--fleet", "shop", "--help")).text).toBe(FLEET_HELP);
  for (const line of FLEET_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
