/**
 * Console events on Bun. Windows calls a handler on a thread of its own, and a JavaScript function of Bun cannot run on
 * another thread. So the handler is written in C, which Bun compiles. The handler sets an event object for each console event,
 * and blocks the thread of Windows if the event is one of `held`.
 *
 * Without this handler, a service on Bun does not receive CTRL_SHUTDOWN, and ends at once when the machine is shut down.
 * @module
 */

/**
 * The source of a function for the thread that holds console events. The function uses the variables `library`, `name`,
 * `never`, `events`, `held` and `parentPort` of that thread (`threads.ts`). A waiting thread receives no message, so that the
 * event object `stop` ends its wait.
 * @see https://bun.com/docs/runtime/c-compiler
 */
export const addByBun: string = String.raw`() => {
    const { cc, dlopen } = require("bun:ffi");
    const { rmSync, writeFileSync } = require("node:fs");
    const file = require("node:path").join(require("node:os").tmpdir(), "sitebus-" + crypto.randomUUID() + ".c");
    const { symbols } = dlopen(library, {
      CreateEventW: { args: ["ptr", "i32", "i32", "ptr"], returns: "u64" },
      GetModuleHandleA: { args: ["ptr"], returns: "u64" },
      GetProcAddress: { args: ["u64", "ptr"], returns: "u64" },
      WaitForMultipleObjects: { args: ["u32", "ptr", "i32", "u32"], returns: "u32" },
    });
    const text = (words) => new TextEncoder().encode(words + "\0");
    const module = symbols.GetModuleHandleA(text(library));
    const address = (name) => symbols.GetProcAddress(module, text(name)) + "ull";
    const event = (manual) => symbols.CreateEventW(null, manual, 0, null);
    const handles = new BigUint64Array([event(1), ...events.map(() => event(0))].map(BigInt));
    const told = events.map((number, index) => "number == " + number + " ? " + handles[index + 1] + "ull : ");
    writeFileSync(file, [
      "typedef unsigned long long word;",
      "static int take(unsigned number) {",
      "  int (*set)(word) = (void *) " + address("SetEvent") + ";",
      "  unsigned (*wait)(word, unsigned) = (void *) " + address("WaitForSingleObject") + ";",
      "  void (*sleep)(unsigned) = (void *) " + address("Sleep") + ";",
      "  word told = " + told.join("") + "0;",
      "  if (told == 0 || wait(" + handles[0] + "ull, 0) == 0) return 0;",
      "  set(told);",
      "  if (" + (held.map((number) => "number == " + number).join(" || ") || 0) + ") sleep(0xffffffff);",
      "  return 1;",
      "}",
      "int listen(void) {",
      "  int (*add)(void *, int) = (void *) " + address(name) + ";",
      "  return add((void *) take, 1);",
      "}",
    ].join("\n"));
    try {
      const compiled = cc({ source: file, symbols: { listen: { args: [], returns: "i32" } } });
      const wait = () => {
        for (let index; (index = symbols.WaitForMultipleObjects(handles.length, handles, 0, 0xffffffff)) !== 0;) {
          if (index >= handles.length) throw new Error("WaitForMultipleObjects answers " + index);
          parentPort.postMessage(events[index - 1]);
        }
        Atomics.wait(never, 0, 0);
      };
      return { compiled, added: compiled.symbols.listen(), stop: handles[0], wait };
    } finally {
      rmSync(file, { force: true });
    }
  }`;
