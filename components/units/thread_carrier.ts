/**
 * Units that are threads of this process.
 * @module
 */
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { ownDeno } from "../../platforms/process/deno_like.ts";
import type { Carried, CarriedEnd, CarriedEvents, Carrier, SpawnPlan } from "./carrier.ts";
import type { Duplicates } from "./duplicates.ts";
import { fileOf } from "./process_carrier.ts";

/** Makes the carrier. Each thread is given duplicates of its own of the sockets: one number in two threads is fatal to both. */
export function threadCarrier(duplicates: Duplicates): Carrier {
  return { kind: "thread", start: (plan, events) => start(duplicates, plan, events) };
}

function start(duplicates: Duplicates, plan: SpawnPlan, events: CarriedEvents): Carried {
  const { words, release } = duplicates.take();
  let worker: Worker;
  try {
    worker = new Worker(resolve(fileOf(plan.entry)), {
      argv: [...plan.args],
      env: { ...plan.env, ...(words !== "" && { SITEBUS_FDS: words }) },
      name: plan.name,
    });
  } catch (error) {
    release();
    queueMicrotask(() => events.ended({ error }));
    return { send() {}, kill: () => true };
  }
  let end: CarriedEnd = {};
  let isTold = true;
  worker.on("error", (error) => {
    end = { error };
  });
  worker.on("exit", (code) => {
    if (!isTold) return;
    release();
    events.ended({ code, ...end });
  });
  worker.on("message", (message) => events.received(message));
  return {
    send(message) {
      worker.postMessage(message);
    },
    kill() {
      // Deno tells at once of an end that has not happened while a thread is in synchronous code:
      // https://github.com/denoland/deno/pull/35657
      isTold = ownDeno() === undefined;
      void worker.terminate();
      return isTold;
    },
  };
}
