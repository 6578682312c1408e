import { describe, expect, it } from "vitest";
import { ownArguments } from "../../../platforms/process/respawn.ts";
import { fakeProcess } from "../fake_process.ts";

describe("ownArguments()", () => {
  const argv = ["/bin/node", "/app/main.ts", "--port", "80"];

  it("keeps the flags, the program and its arguments", () => {
    const process = fakeProcess({ execPath: "/bin/node", execArgv: ["--smol"], argv });
    expect(ownArguments(process)).toEqual(["--smol", "/app/main.ts", "--port", "80"]);
  });

  it("drops the watcher of Bun, which would be there twice", () => {
    const process = fakeProcess({ execArgv: ["--watch", "--smol", "--hot", "--no-clear-screen"], argv });
    expect(ownArguments(process)).toEqual(["--smol", "/app/main.ts", "--port", "80"]);
  });

  it.each([["/app/shop"], ["/$bunfs/root/shop"]])(
    "knows a program inside its own executable: %s",
    (program) => {
      const process = fakeProcess({ execPath: "/app/shop", argv: ["/app/shop", program, "--port", "80"] });
      expect(ownArguments(process)).toEqual(["--port", "80"]);
    },
  );
});
