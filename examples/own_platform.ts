// examples/own_platform.ts: the parent ends this process by closing its standard input, as Erlang's ports do, or with a
// line such as "exit 2000", which leaves it 2000 ms. own_platform_program.ts runs a bus on it, and docs/platforms.md
// walks through it.
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Control, inline, type Platform, TraitError } from "sitebus";

export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  exitCode?: number | string | null | undefined;
}

const GRACE_MS = 5000;
const taken = new WeakMap<Host, string>();

export function inputPlatform(host: Host = process): Platform {
  if (host.stdin.isTTY) {
    const message = 'Cannot use the input platform: the standard input is "a terminal", expected a pipe';
    throw new TraitError("notice", "a pipe", "a terminal", message);
  }
  const { traits, clock, park, report } = inline();
  const storage = new AsyncLocalStorage<object>();
  let letGo = () => {};
  return {
    name: "input",
    traits: { ...traits, notice: { kind: "the end of the input", graceMs: GRACE_MS } },
    clock,
    park,
    report,
    context: { get: () => storage.getStore(), run: (phase, body) => storage.run(phase, body) },
    attach(control: Control) {
      const first = taken.get(host);
      if (first !== undefined) {
        throw new Error(`Cannot attach the bus "${control.bus}": "${first}" has the input`);
      }
      taken.set(host, control.bus);
      const exit = (name: string, leftMs: number) => control.request("exit", { by: "host", name, leftMs });
      const lines = createInterface({ input: host.stdin });
      lines.on("line", (line) => /^exit \d+$/.test(line) && exit("line", Number(line.slice(5))));
      const ended = () => exit("end of the input", GRACE_MS);
      lines.on("close", ended);
      letGo = () => {
        taken.delete(host);
        lines.off("close", ended).close();
      };
    },
    leave({ code }) {
      letGo();
      host.exitCode = code;
    },
  };
}
