/**
 * A bus that runs, with reload listeners that write down what they do.
 * @module
 */
import type { Prepared, Reload } from "../../mod.ts";
import { type TestBus, testBus } from "./_test_bus.ts";

/** A bus that runs. */
export interface ReloadBus extends TestBus {
  /** Makes a listener that writes down its steps, and does `steps` in them. */
  prepare(name: string, steps?: Partial<Prepared>): (reload: Reload) => Prepared;
}

/** Makes a bus and starts it. */
export async function reloadBus(options?: Parameters<typeof testBus>[0]): Promise<ReloadBus> {
  const life = testBus(options);
  await life.settle(life.bus.start());
  const prepare = (name: string, steps: Partial<Prepared> = {}) => (reload: Reload): Prepared => {
    life.did.push(`prepare ${name} ${reload.generation}`);
    return {
      commit: () => {
        life.did.push(`commit ${name}`);
        return steps.commit?.();
      },
      rollback: () => {
        life.did.push(`rollback ${name}`);
        return steps.rollback?.();
      },
    };
  };
  return { ...life, prepare };
}

/** Hangs until the reload is given up, then rejects by it. */
export function aborted({ signal }: Reload): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
