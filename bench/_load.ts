/**
 * A client that keeps a server busy with pipelined requests, and counts the responses by their bytes. The client is so fast that
 * the time is that of the server.
 * @module
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMsOf } from "./_proc.ts";
import { CannotMeasure } from "./_programs.ts";

const connections = 16;
const depth = 8;
const request = "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
const manyRequests = Buffer.from(request.repeat(depth));

/** A server to measure under load. */
export interface Loaded {
  readonly port: number;
  /** Its process. */
  readonly pid: number;
}

/** How the load is made. */
export interface LoadOptions {
  readonly warmMs: number;
  readonly sliceMs: number;
  /** How many time slices each server gets. */
  readonly slices: number;
}

/** The cost of a request, in microseconds. */
export interface RequestCost extends Readonly<Record<string, number>> {
  /** The time in the best slice. */
  readonly time: number;
  /** The CPU time of the server in all slices; NaN if the system does not report it. */
  readonly cpu: number;
}

/**
 * Measures servers under load in turn, slice by slice, so that other work on the machine affects all of them. Returns the cost of
 * a request for each.
 * @throws {CannotMeasure} If a response is different from the first one.
 */
export async function costsOfRequests(
  servers: readonly Loaded[],
  { warmMs, sliceMs, slices }: LoadOptions,
): Promise<RequestCost[]> {
  const all = await Promise.all(servers.map(async ({ port, pid }) => {
    return {
      pid,
      load: new Load(port, await answerLength(port)),
      times: [] as number[],
      cpuMs: 0,
      answers: 0,
    };
  }));
  for (const { load } of all) await load.run(warmMs);
  for (let slice = 0; slice < slices; slice++) {
    for (let turn = 0; turn < all.length; turn++) {
      const one = all[(slice + turn) % all.length]!;
      const [cpuBefore, beganAt] = [cpuMsOf(one.pid), performance.now()];
      const answers = await one.load.run(sliceMs);
      one.times.push((performance.now() - beganAt) * 1000 / answers);
      one.cpuMs += cpuMsOf(one.pid) - cpuBefore;
      one.answers += answers;
    }
  }
  for (const { load } of all) load.close();
  return all.map(({ times, cpuMs, answers }) => ({
    time: Math.min(...times),
    cpu: cpuMs * 1000 / answers,
  }));
}

/** Returns the length of every response: all are the same, except for digits of the date. */
async function answerLength(port: number): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (more: string) => text += more);
  socket.write(request);
  await sleep(200);
  socket.destroy();
  if (text.startsWith("HTTP/1.1 200 ")) return text.length;
  throw new CannotMeasure(
    `Cannot load ${port}: it answers "${text.slice(0, 40)}"`,
  );
}

/** Connections to one server that send requests during its slices. */
class Load {
  readonly #port: number;
  readonly #length: number;
  readonly #sockets: readonly Socket[];
  #answers = 0;

  constructor(port: number, length: number) {
    this.#port = port;
    this.#length = length;
    // A failure is reported during the next slice.
    this.#sockets = Array.from({ length: connections }, () => {
      return connect(port, "127.0.0.1").setNoDelay(true).on("error", () => {});
    });
  }

  /** Sends requests for the given time, waits for the pending responses, and returns how many came. */
  async run(ms: number): Promise<number> {
    const [before, end] = [this.#answers, performance.now() + ms];
    const late = sleep(ms + 2000, undefined, { ref: false }).then(() => {
      throw new CannotMeasure(
        `Cannot load ${this.#port}: an answer is shorter than the first`,
      );
    });
    late.catch(() => {});
    await Promise.race([
      Promise.all(this.#sockets.map((socket) => this.#ask(socket, end))),
      late,
    ]);
    return this.#answers - before;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #ask(socket: Socket, end: number): Promise<void> {
    const all = depth * this.#length;
    let open = all;
    return new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new CannotMeasure(`Cannot load ${this.#port}: ${why}`));
      const closed = () => fail("it has closed a connection");
      const came = ({ length }: Uint8Array) => {
        open -= length;
        if (open > 0) return;
        if (open < 0) return fail("an answer is longer than the first");
        this.#answers += depth;
        open = all;
        if (performance.now() < end) return void socket.write(manyRequests);
        socket.off("data", came).off("close", closed);
        resolve();
      };
      if (socket.destroyed) return closed();
      socket.on("data", came).on("close", closed);
      socket.write(manyRequests);
    });
  }
}
