/**
 * Units that are threads of this process.
 * @module
 */
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import type { Carried, CarriedEnd, CarriedEvents, Carrier, SpawnPlan } from "./carrier.ts";
import type { Duplicates } from "./duplicates.ts";
import { fileOf } from "./process_carrier.ts";
import { watchThreadEnd } from "./thread_end.ts";

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
    return { send() {}, kill() {} };
  }
  let end: CarriedEnd = {};
  worker.on("error", (error) => {
    end = { error };
  });
  worker.on("message", (message) => events.received(message));
  const terminated = watchThreadEnd(worker, {
    ended(code) {
      release();
      events.ended({ code, ...end });
    },
    lost: () => events.lost(),
  });
  return {
    send(message) {
      worker.postMessage(message);
    },
    kill() {
      terminated();
      void worker.terminate();
    },
  };
}
