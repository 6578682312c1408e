/**
 * A real nats-server for the tests of the fleet, and a way to it that can be cut.
 * @module
 */
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { connect, type ConnectionOptions, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type NatsServer, startNats } from "../../../scripts/nats/server.ts";
import { setUpNats } from "../../../scripts/nats/setup.ts";
import { patient } from "../../../scripts/patience.ts";

export { type NatsServer, startNats } from "../../../scripts/nats/server.ts";

/** Why there is no server here; undefined where there is one. */
export const whyNoNats: string | undefined = await setUpNats();

/** Starts one server for all tests of a file, which are skipped where there is none; `config` is added to its configuration. */
export function serverOfFile(config?: string): { readonly port: number } {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    if (whyNoNats === undefined) server = await startNats(config);
  });
  afterAll(() => server?.end());
  beforeEach((context) => {
    if (whyNoNats !== undefined) context.skip(whyNoNats);
  });
  return {
    get port() {
      if (server === undefined) throw new Error("The server has not started");
      return server.port;
    },
  };
}

/** Connects at once again when the connection is lost. */
export function connectTo(port: number, options: ConnectionOptions = {}): Promise<NatsConnection> {
  return connect({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 10,
    timeout: patient(5_000),
    ...options,
  });
}

/** A way to a port that can be cut and healed. */
export interface Way {
  readonly port: number;
  /** Cuts all connections, and lets none through. */
  cut(): void;
  heal(): void;
  end(): void;
}

/** Makes a way to a port. */
export async function wayTo(target: number): Promise<Way> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const onward = connectTcp(target, "127.0.0.1");
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) {
      sockets.add(one);
      one.on("data", (data) => void other.write(data));
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    heal() {
      isCut = false;
    },
    end() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
