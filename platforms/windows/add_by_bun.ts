/**
 * Console events on Bun. Windows calls a handler on a thread of its own, and a function of Bun cannot answer another thread.
 * So the handler is written in C, which Bun compiles: it sets an event object for each console event, and holds the thread of
 * Windows if it is told to.
 *
 * Without it a service on Bun does not hear CTRL_SHUTDOWN, and Bun ends it at once when the machine is shut down.
 * @module
 */

/**
 * The text of a function, for a thread that holds console events: see `threads.ts`, whose `library`, `name`, `never`,
 * `events`, `held` and `parentPort` it uses. Once the thread waits, it hears no message: `stop` is the event that ends it.
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
