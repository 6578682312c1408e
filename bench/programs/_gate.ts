// What the gate of a serverless host costs over calling the application directly, in any runtime.
import { ProcessBus } from "../../mod.ts";
import { type Gate, gate, serverless } from "../../platforms/serverless.ts";
import { median } from "../_median.ts";

/** A runtime compiles what it finds hot in the first ones. */
const warmRounds = 10;

type Call = (n: number) => unknown;

/** How it is measured. `now` is awaited, as a Worker's clock stands still until it has waited for something. */
export interface GateRounds {
  readonly rounds: number;
  /** The calls of a batch. */
  readonly batch: number;
  readonly now: () => number | Promise<number>;
}

/**
 * Nanoseconds that calls take over the direct one, each the median of the differences in many rounds: the batches of a
 * round follow one another, so that what happens on the machine meanwhile happens to all of them.
 */
export async function measureGate(
  { rounds, batch, now }: GateRounds,
): Promise<Record<string, number>> {
  const plain = await open({});
  const noticed = await open({
    traits: { notice: { kind: "SIGTERM", graceMs: 10_000 } },
  });
  const invocation = {};
  const value = (n: number) => n;
  const promise = async (n: number) => n;
  const found: Record<string, number> = {};
  const compare = async (name: string, body: Call, awaits: boolean) => {
    const calls: Record<string, Call> = {
      direct: (n) => body(n),
      ready(n) {
        if (plain.ready()) throw new Error("Cannot measure: the gate is shut");
        return body(n);
      },
      run: (n) => plain.run(invocation, () => body(n)),
      counted: (n) => noticed.run(invocation, () => body(n)),
    };
    const times = Object.fromEntries(
      Object.keys(calls).map((key) => [key, [] as number[]]),
    );
    for (let round = 0; round < warmRounds + rounds; round++) {
      for (const [key, call] of Object.entries(calls)) {
        const began = await now();
        if (awaits) { for (let n = 0; n < batch; n++) await call(n); }
        else for (let n = 0; n < batch; n++) call(n);
        times[key]!.push((await now() - began) * 1e6 / batch);
      }
    }
    const direct = times["direct"]!.slice(warmRounds);
    found[`direct, ${name}`] = median(direct);
    for (const key of ["ready", "run", "counted"]) {
      found[`${key}, ${name}`] = median(
        times[key]!.slice(warmRounds).map((ns, round) => ns - direct[round]!),
      );
    }
  };
  await compare("value", value, false);
  await compare("promise", promise, true);
  return found;
}

async function open(options: Parameters<typeof serverless>[0]): Promise<Gate> {
  const opened = gate(new ProcessBus({ platform: serverless(options) }));
  await opened.ready();
  return opened;
}
