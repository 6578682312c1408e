/**
 * Many clients that ask one after another, on connections that they keep until an answer says that it closes.
 * @module
 */
import { connect, type Socket } from "node:net";
import { sleep } from "../../spawn.ts";

/** What became of the requests. */
export interface Load {
  /** Answered to the end. */
  answered: number;
  /** Sent since `mark` was called. */
  marked: number;
  /** Answers that said that their connection closes. */
  told: number;
  /** Not answered, with what happened. */
  readonly lost: string[];
}

/** How they ask. */
export interface LoadOptions {
  readonly port: number;
  /** How many clients. Default 32. */
  readonly clients?: number;
  /** What they ask for. Default "/". */
  readonly path?: string;
}

const ANSWER = /^HTTP\/1\.1 200[^]*\r\n\r\n(?:2\r\n)?ok(?:\r\n0\r\n\r\n)?$/;

/** Starts them. Half of them make pauses of up to 20 ms. */
export function startLoad({ port, clients = 32, path = "/" }: LoadOptions): {
  readonly found: Load;
  mark(): void;
  /** Has them end after the answer that they wait for. */
  stop(): Promise<Load>;
} {
  const found: Load = { answered: 0, marked: 0, told: 0, lost: [] };
  let marked = false;
  let over = false;
  const one = async (index: number) => {
    let socket: Socket | undefined;
    while (!over) {
      try {
        socket ??= await open(port);
        if (marked) found.marked++;
        const answer = await ask(socket, index % 4 === 3 ? "POST" : "GET", path);
        found.answered++;
        if (/connection: close/i.test(answer)) {
          found.told++;
          socket.destroy();
          socket = undefined;
        }
      } catch (error) {
        found.lost.push(String(error));
        socket?.destroy();
        socket = undefined;
        await sleep(5);
      }
      if (index % 2 === 1) await sleep(Math.random() * 20);
    }
    socket?.destroy();
  };
  const all = Promise.all(Array.from({ length: clients }, (_, index) => one(index)));
  return {
    found,
    mark: () => marked = true,
    async stop() {
      over = true;
      await all;
      return found;
    },
  };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    socket.setEncoding("utf8").once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

function ask(socket: Socket, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const settle = (error?: Error) => {
      socket.removeAllListeners();
      socket.on("error", () => {});
      if (error) reject(error);
      else resolve(text);
    };
    socket.removeAllListeners();
    socket.on("error", settle);
    socket.on("close", () => settle(new Error(`It was closed after ${JSON.stringify(text)}`)));
    socket.on("data", (part) => {
      text += part;
      if (ANSWER.test(text)) settle();
    });
    const body = method === "POST" ? "Content-Length: 5\r\n\r\nhello" : "\r\n";
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${body}`);
  });
}
