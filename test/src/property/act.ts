/**
 * What a function of a random program does when the bus calls it.
 * @module
 */
import type { Signal } from "../../../mod.ts";
import { ODD_ERRORS, ODD_THENABLES } from "../_odd_values.ts";
import type { Act } from "./plan.ts";
import type { Context } from "./record.ts";
import type { World } from "./world.ts";

/** Does what the plan says: returns, waits, throws, hangs, or asks something of the bus. */
export function perform(world: World, act: Act, { signal, phase }: Context, name: string): unknown {
  const fail = () => new Error(`E${world.errors++} of ${name}`);
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void world.timer(ms, resolve));
  switch (act.does) {
    case "return":
      return undefined;
    case "turns":
      return (async () => {
        for (let turn = 0; turn < act.turns; turn++) await undefined;
      })();
    case "wait":
      return sleep(act.ms);
    case "delay":
      if (phase) return phase.delay(act.ms);
      return new Promise<void>((resolve, reject) => {
        const undo = world.timer(act.ms, resolve);
        void aborted(signal).then(() => {
          undo();
          reject(signal?.reason);
        });
      });
    case "heed":
      return aborted(signal).then(() => {
        if (act.then === "throw") throw fail();
      });
    case "throw":
      throw fail();
    case "reject":
      return sleep(act.ms).then(() => {
        throw fail();
      });
    case "odd": {
      const { how, value } = act;
      if (how === "return") return ODD_THENABLES[value]!();
      const error = ODD_ERRORS[value]!();
      if (how === "throw") throw error;
      return Promise.reject(error);
    }
    case "hang":
      return new Promise(() => {});
    case "extend": {
      const granted = phase?.extend(act.by);
      world.say(`${name} extends by ${act.by}, is granted ${granted}`);
      return sleep(act.ms);
    }
    case "request":
    case "call": {
      if (!world.mayAsk(act)) return undefined;
      if (act.does === "call") {
        const promise = world.ask(act.ask, name);
        return act.waits ? promise?.then(() => {}) : undefined;
      }
      if (!phase) return undefined;
      world.say(`${name} requests ${act.goal}${act.code === undefined ? "" : `(${act.code})`}`);
      if (act.goal === "exit") {
        world.ending({ ask: "exit", ...(act.code !== undefined && { code: act.code }) }, true);
      } else if (act.goal === "restart") world.ending({ ask: "restart" }, world.canRestart());
      phase.request(act.goal, act.code === undefined ? {} : { code: act.code });
      return undefined;
    }
  }
}

/** Resolves when the signal aborts. */
function aborted(signal: Signal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener("abort", () => resolve());
  });
}
