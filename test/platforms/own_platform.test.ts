import { execFile } from "node:child_process";
import { PassThrough } from "node:stream";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Host, inputPlatform } from "../../examples/own_platform.ts";
import { patient } from "../../scripts/patience.ts";
import { programArguments } from "../spawn.ts";
import { conformance, type Subject } from "./conformance.ts";

// The platform that docs/platforms.md walks through.
conformance("input", (): Subject => {
  const stdin = new PassThrough();
  const host: Host = { stdin };
  const read = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
  return {
    platform: inputPlatform(host),
    second: () => inputPlatform(host),
    notice: async (leftMs) => {
      stdin.write(`exit ${leftMs}\n`);
      await read();
    },
    exitCode: () => host.exitCode as number | undefined,
    left: () => stdin.listenerCount("data") > 0 ? ["the input"] : [],
    dispose: () => void stdin.destroy(),
  };
}, {
  parks: true,
  signals: "its parent writes a line instead",
  notices: true,
  exitCode: true,
  context: true,
  exclusive: true,
  respawns: "its parent starts the successor",
});

describe("examples/own_platform_program.ts", () => {
  const program = fileURLToPath(new URL("../../examples/own_platform_program.ts", import.meta.url));

  test.for([
    ["echo exit 2000; sleep 5", "stops because of the line, within 2 s"],
    ["true", "stops because of the end of the input, within 5 s"],
  ])("after %j it %s", { timeout: patient(15_000) }, async ([parent, line]) => {
    const script = `(sleep 1; ${parent}) | "$RUNTIME" "$@"`;
    const options = { env: { ...process.env, RUNTIME: process.execPath } };
    const { stdout } = await promisify(execFile)("/bin/sh", [
      "-c",
      script,
      "sh",
      ...programArguments(program),
    ], options);
    expect(stdout).toBe(`ready\n${line}\n`);
  });
});

test("a terminal is refused, naming what was found", () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  expect(() => inputPlatform({ stdin })).toThrow(
    expect.objectContaining({ name: "TraitError", field: "notice", needed: "a pipe", found: "a terminal" }),
  );
});
