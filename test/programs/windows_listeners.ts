// Prints the signals by which a runtime itself reports console events: `windows_listeners.ts <way>`. The way is `process.on` or
// `Deno.addSignalListener`.
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
