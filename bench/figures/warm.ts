/**
 * What the first request to an application costs that was made when the bus started.
 * @module
 */
import { openConnection } from "../_http_client.ts";
import { startProgram } from "../_programs.ts";
import { digits, type Figure, ratio } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 7;
const requests = 10;

/** Milliseconds of a request on a connection of its own. */
async function ask(port: number, path: string): Promise<number> {
  const connection = await openConnection(port);
  const since = performance.now();
  const { at, whole } = await connection.get(path);
  connection.destroy();
  return whole ? at - since : NaN;
}

/** The first ten requests of one process, after a load balancer has asked twice whether it is ready. */
async function firstTen(
  runtime: Runtime,
  how: string,
): Promise<{ readonly first: number; readonly tenth: number }> {
  const program = await startProgram({ runtime, program: "warm", args: [how] });
  const port = Number(program.ready.split(" ")[1]);
  await ask(port, "/readyz");
  await ask(port, "/readyz");
  const found: number[] = [];
  for (let nth = 0; nth < requests; nth++) found.push(await ask(port, "/"));
  program.terminate();
  await program.waitForEnd();
  return { first: found[0]!, tenth: found.at(-1)! };
}

/** Measures a warm application, and one that its first request makes. */
export async function warm(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = ["warm", "cold"].flatMap((how) => runtimes.map((runtime) => ({ how, runtime })));
  const found = await interleave(candidates, {
    rounds,
    measure: ({ how, runtime }) => firstTen(runtime, how),
  });
  const of = (place: number, key: "first" | "tenth") => Math.min(...found[place]!.map((one) => one[key]));
  return {
    title: "The first request to a warm application",
    says:
      `Milliseconds of a request on a connection of its own, the best of ${rounds} processes, each of which has answered ` +
      "two probes at /readyz before. The application is mounted with a database that takes 100 ms to open. Warm: it is made " +
      "when the bus starts. Cold: by its first request.",
    tables: [{
      columns: ["", "runtime", "first, ms", "tenth, ms", "first to tenth"],
      rows: candidates.map(({ how, runtime }, place) => [
        how,
        runtime.name,
        digits(of(place, "first")),
        digits(of(place, "tenth")),
        ratio(of(place, "first"), of(place, "tenth")),
      ]),
    }],
    limits: runtimes.map(({ name }, place) => ({
      name: `the first request to a warm application over the tenth on ${name}`,
      found: of(place, "first") / of(place, "tenth"),
      atMost: 3,
      unit: "times",
    })),
  };
}
