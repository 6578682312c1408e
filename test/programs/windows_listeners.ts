// Says what a runtime itself makes of the events of a console: `windows_listeners.ts <way>`, where it listens by
// `process.on` or by `Deno.addSignalListener`.
import process from "node:process";
import { print } from "./_print.ts";

interface DenoSignals {
  addSignalListener(name: string, listener: () => void): void;
}

const [, , way] = process.argv;
const names = ["SIGINT", "SIGBREAK", "SIGHUP", "SIGTERM", "SIGQUIT", "SIGWINCH"];

for (const name of names) {
  const listener = (...args: unknown[]) => print(`fired ${JSON.stringify([name, ...args])}`);
  if (way === "process.on") process.on(name, listener);
  else {(globalThis as unknown as { readonly Deno: DenoSignals }).Deno.addSignalListener(name, () =>
      listener());}
}
setInterval(() => {}, 1000);
print("listening");
