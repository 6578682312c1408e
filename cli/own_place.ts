/**
 * Where the one unit of a site listens by itself, since no site can hold a socket for it there. It then stops before its successor
 * starts.
 * @module
 */
import { createServer } from "node:net";
import { canHold } from "../components/units/hold_socket.ts";
import type { ServeOptions, Workers } from "./serve_options.ts";
import { type OwnPlace, SOCKET } from "./unit_words.ts";

/** The place; undefined where the site holds the socket. With several units, holding it will say why it cannot. */
export async function ownPlace(
  { host, port, unix }: ServeOptions,
  { count, kind }: Workers,
): Promise<OwnPlace | undefined> {
  if (count !== 1 || kind === "thread" || canHold(SOCKET)) return undefined;
  if (unix !== undefined) return { path: unix };
  // Each unit is to have the same one.
  return { host, port: port === 0 ? await freePort(host) : port };
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, host, () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

/** The address, as it is said. */
export function urlOf(place: OwnPlace, isTls: boolean): string {
  if ("path" in place) return `unix:${place.path}`;
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return `http${isTls ? "s" : ""}://${host}:${place.port}/`;
}
