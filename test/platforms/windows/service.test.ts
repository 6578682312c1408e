import { expect, test } from "vitest";
import { windows } from "../../../platforms/windows.ts";
import type { InputLike } from "../../../platforms/windows.ts";
import { recordedControl } from "../conformance.ts";
import { fakeWindows } from "./fake_windows.ts";

const outcome = { code: 0, forced: false, leftMs: 60_000 };

test("the end of the standard input asks for an exit if stdin is set, and the input is released at the end", async () => {
  const { process, win32 } = fakeWindows("node26");
  const stdin = process.stdin as InputLike & { emit(name: string): boolean };
  const did: string[] = [];
  const follow = (name: "resume" | "pause" | "unref") => {
    stdin[name] = () => void did.push(name);
  };
  (["resume", "pause", "unref"] as const).forEach(follow);
  const platform = windows({ process, win32, service: { stdin: true } });
  const control = recordedControl();
  await platform.attach(control);
  expect(stdin.emit("end")).toBe(true);
  expect(control.requests).toEqual([{ goal: "exit", reason: { by: "host", name: "stdin" } }]);
  await platform.leave(outcome);
  expect(did).toEqual(["resume", "pause", "unref"]);
  expect(stdin.emit("end")).toBe(false);
});

test("a standard input that cannot be read is one line in the log", async () => {
  const { process, win32 } = fakeWindows("node26");
  Object.defineProperty(process, "stdin", {
    get: () => {
      throw new Error("EBADF: bad file descriptor");
    },
  });
  const control = recordedControl();
  const platform = windows({ process, win32, service: { stdin: true } });
  await platform.attach(control);
  expect(control.logs).toEqual([{
    level: "warn",
    message: "Cannot wait for the end of the standard input: EBADF: bad file descriptor",
  }]);
  await platform.leave(outcome);
});

test("an error of the standard input is one line in the log, and the service goes on", async () => {
  const { process, win32 } = fakeWindows("node26");
  const stdin = process.stdin as InputLike & {
    emit(name: string, error: Error): boolean;
    listenerCount(name: string): number;
  };
  const control = recordedControl();
  const platform = windows({ process, win32, service: { stdin: true } });
  await platform.attach(control);
  for (let count = 0; count < 2; count++) stdin.emit("error", new Error("EBADF: bad file descriptor, read"));
  expect(control.logs).toEqual([{
    level: "warn",
    message: "Cannot wait for the end of the standard input: EBADF: bad file descriptor, read",
  }]);
  expect(control.requests).toEqual([]);
  await platform.leave(outcome);
  expect(stdin.listenerCount("error")).toBe(0);
});

test("the message of pm2 asks for an exit if message is set, and other messages do not", async () => {
  const { process, win32 } = fakeWindows("node26");
  const platform = windows({ process, win32, service: { message: true } });
  const control = recordedControl();
  await platform.attach(control);
  process.emit("message", "reload");
  process.emit("message", { type: "shutdown" });
  expect(control.requests).toEqual([]);
  process.emit("message", "shutdown");
  expect(control.requests).toEqual([{ goal: "exit", reason: { by: "host", name: "shutdown" } }]);
  await platform.leave(outcome);
  expect(process.emit("message", "shutdown")).toBe(false);
});

test("by default a bus listens for neither the end of the input nor messages", async () => {
  const { process, win32 } = fakeWindows("node26");
  const stdin = process.stdin as InputLike & { listenerCount(name: string): number };
  await windows({ process, win32, service: true }).attach(recordedControl());
  expect(process.listeners("message")).toEqual([]);
  expect(stdin.listenerCount("end")).toBe(0);
});

test("sources for the successor are released before it starts, and a source that it cannot have causes a warning", async () => {
  const fake = fakeWindows("node26");
  const { process, win32 } = fake;
  const stdin = process.stdin as InputLike & { listenerCount(name: string): number };
  const found: unknown[] = [];
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (id) => {
    if (id === "node:fs") return { constants: { X_OK: 1 }, accessSync() {} };
    if (id !== "node:child_process") return getBuiltinModule(id);
    return {
      spawn() {
        found.push(stdin.listenerCount("end"), process.listeners("message"), fake.open());
        return { on: (name: string, end: (code: number) => void) => name === "exit" && end(3) };
      },
    };
  };
  const platform = windows({ process, win32, named: true, service: { stdin: true, message: true } });
  const control = recordedControl();
  await platform.attach(control);
  expect(fake.open()).toHaveLength(7);
  expect(await platform.respawn?.({})).toBe(3);
  expect(found).toEqual([0, [], []]);
  const warning = {
    level: "warn",
    message: "The successor hears no message of the service wrapper: " +
      'subscribe to "restart" with an exit code on which the wrapper starts the program anew',
  };
  expect(control.logs).toEqual([warning]);
  await platform.leave(outcome);
  expect(control.logs).toEqual([warning]);
});
