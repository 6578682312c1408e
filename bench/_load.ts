/**
 * A client that keeps a server busy with pipelined requests, and counts its answers by their bytes: so that it is the
 * server that is measured.
 * @module
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readCounts } from "./_proc.ts";
import { CannotMeasure } from "./_programs.ts";

const connections = 16;
const depth = 8;
const request = "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
const manyRequests = Buffer.from(request.repeat(depth));

/** What a load is like. */
export interface LoadOptions {
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly warmMs: number;
  readonly sliceMs: number;
  readonly slices: number;
}

/** What a request costs, in microseconds. */
export interface RequestCost extends Readonly<Record<string, number>> {
  /** In the best of the slices. */
  readonly time: number;
  /** Of the server's CPU, in all of them; NaN where the system does not tell. */
  readonly cpu: number;
}

/**
 * Loads a server, and says what a request costs it.
 * @throws {CannotMeasure} where an answer is not like the first one.
 */
export async function costOfRequests(options: LoadOptions): Promise<RequestCost> {
  const { port, pid, warmMs, sliceMs, slices } = options;
  const load = startLoad(port, await answerLength(port));
  await sleep(warmMs);
  const [cpuBefore, answersBefore] = [readCounts(pid)?.cpuMs ?? NaN, load.answers()];
  const times: number[] = [];
  while (times.length < slices) {
    const [beganAt, before] = [performance.now(), load.answers()];
    await sleep(sliceMs);
    times.push((performance.now() - beganAt) * 1000 / (load.answers() - before));
  }
  const cpuMs = (readCounts(pid)?.cpuMs ?? NaN) - cpuBefore;
  const cpu = cpuMs * 1000 / (load.answers() - answersBefore);
  await load.stop();
  return { time: Math.min(...times), cpu };
}

/** How long every answer will be: all are the same, but for digits of the date. */
async function answerLength(port: number): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (more: string) => text += more);
  socket.write(request);
  await sleep(200);
  socket.destroy();
  if (text.startsWith("HTTP/1.1 200 ")) return text.length;
  throw new CannotMeasure(`Cannot load ${port}: it answers "${text.slice(0, 40)}"`);
}

interface Load {
  answers(): number;
  /** Waits for the answers that are still to come, and looks whether all were whole. */
  stop(): Promise<void>;
}

function startLoad(port: number, length: number): Load {
  let bytes = 0;
  let stopping = false;
  const ended = Array.from({ length: connections }, () => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    let open = 0;
    const send = () => {
      open += depth * length;
      socket.write(manyRequests);
    };
    socket.on("connect", send);
    return new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => reject(new CannotMeasure(`Cannot load ${port}: it has closed a connection`)));
      socket.on("data", ({ length: came }) => {
        bytes += came;
        open -= came;
        if (open > 0) return;
        if (open < 0) reject(new CannotMeasure(`Cannot load ${port}: an answer is longer than the first`));
        if (!stopping) return send();
        resolve();
        socket.destroy();
      });
    });
  });
  // It is looked at when the load stops.
  for (const end of ended) end.catch(() => {});
  return {
    answers: () => bytes / length,
    async stop() {
      stopping = true;
      await Promise.race([
        Promise.all(ended),
        sleep(2000).then(() => {
          throw new CannotMeasure(`Cannot load ${port}: an answer is shorter than the first`);
        }),
      ]);
    },
  };
}
