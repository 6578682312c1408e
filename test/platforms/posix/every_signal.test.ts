import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { posix, type SignalName } from "../../../platforms/posix.ts";
import { runtime, start } from "../../spawn.ts";

const names = Object.keys(constants.signals).filter((name) => name !== "SIGKILL" && name !== "SIGSTOP");

describe("each signal of this operating system is either taken, time and again, or refused", () => {
  test.for(names)("%s", async (name) => {
    const program = start("one_signal", { args: [name] });
    const line = await Promise.race([program.waitForLine("ready"), program.waitForLine("does not take it")]);
    if (line !== "ready") {
      expect(line).toContain(`Cannot listen for the signal "${name}": the runtime does not take it`);
      expect((await program.exited).code).toBe(70);
      return;
    }
    for (let count = 1; count <= 2; count++) {
      // By its number, since Bun does not know each by its name.
      program.kill(constants.signals[name as NodeJS.Signals] as unknown as NodeJS.Signals);
      await program.waitForLine(`signal ${name} ${count}`);
    }
    expect((await program.exited).code).toBe(0);
  });

  test.for(["SIGKILL", "SIGSTOP"])("%s is refused at once", (name) => {
    expect(() => posix({ signals: { [name as SignalName]: "none" } })).toThrow("no program can take it");
  });
});

test("SIGUSR2 is left to the runtime, as nodemon wants it", async () => {
  const program = start("signal_policy", { args: ["0"] });
  await program.waitForLine("ready");
  program.kill("SIGUSR2");
  expect((await program.exited).signal).toBe("SIGUSR2");
  expect(runtime).toBeDefined();
});
