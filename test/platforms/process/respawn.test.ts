import { describe, expect, test } from "vitest";
import { ownArguments, respawn } from "../../../platforms/process/respawn.ts";
import { fakeProcess } from "../fake_process.ts";

describe("ownArguments()", () => {
  const argv = ["/bin/node", "/app/main.ts", "--port", "80"];

  test("keeps the flags, the program and its arguments", () => {
    const process = fakeProcess({ execPath: "/bin/node", execArgv: ["--smol"], argv });
    expect(ownArguments(process)).toEqual(["--smol", "/app/main.ts", "--port", "80"]);
  });

  test("drops the flags of Bun's watcher, which would otherwise run twice", () => {
    const process = fakeProcess({ execArgv: ["--watch", "--smol", "--hot", "--no-clear-screen"], argv });
    expect(ownArguments(process)).toEqual(["--smol", "/app/main.ts", "--port", "80"]);
  });

  test.each([["/app/shop"], ["/$bunfs/root/shop"], ["B:\\~BUN\\root\\shop.exe"], ["B:/~BUN/root/shop.exe"]])(
    "knows a program inside its own executable: %s",
    (program) => {
      const process = fakeProcess({ execPath: "/app/shop", argv: ["/app/shop", program, "--port", "80"] });
      expect(ownArguments(process)).toEqual(["--port", "80"]);
    },
  );
});

describe("a child on Windows", () => {
  type Ends = (code: number | null, signal: string | null) => void;

  /** A process of Node on Windows with fake children. */
  function onWindows() {
    const process = fakeProcess({ platform: "win32", versions: { node: "26.0.0" } });
    const { getBuiltinModule } = process;
    let end: Ends = () => {};
    const kills: unknown[] = [];
    process.kill = (...args) => kills.push(args);
    process.execve = () => {
      throw new Error("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM");
    };
    process.getBuiltinModule = (id) => {
      if (id === "node:fs") return { constants: { X_OK: 1 }, accessSync() {} };
      if (id !== "node:child_process") return getBuiltinModule(id);
      return {
        spawn: () => ({
          pid: 4711,
          on: (name: string, listener: Ends) => name === "exit" && (end = listener),
        }),
      };
    };
    let passOn: (signal: string) => void = () => {};
    const code = respawn(process, {}, { child: (given) => passOn = given });
    return {
      code,
      kills,
      end: (...how: Parameters<Ends>) => end(...how),
      passOn: (name: string) => passOn(name),
    };
  }

  const codes: readonly [title: string, code: number, expected: number][] = [
    ["its code", 44, 44],
    ["0", 0, 0],
    ["130 for the end by Ctrl-C", 0xC000_013A, 130],
    ["130 for the same as Deno has it", 0xC000_013A | 0, 130],
    ["255 for a crash, and not one that looks well", 0xC000_0005, 255],
    ["255 for what is too large", 256, 255],
  ];
  test.each(codes)("gives %s", async (_title, code, expected) => {
    const child = onWindows();
    child.end(code, null);
    expect(await child.code).toBe(expected);
  });

  test("is sent no signal, which would end it, since it receives each console event itself", async () => {
    const child = onWindows();
    child.passOn("CTRL_C");
    expect(child.kills).toEqual([]);
    child.end(0, null);
    await child.code;
  });
});
