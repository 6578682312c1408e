/**
 * The connection of a request in a unit, as an application is told of it, where node:http serves on every runtime: the same as
 * by each runtime's own server, but for what only that server can do, which is refused by name.
 * @module
 */
import process from "node:process";

/** The members of Node's request that are used here. */
interface NodeRequestLike {
  readonly url?: string;
  readonly socket?: {
    readonly remoteAddress?: string;
    readonly remotePort?: number;
    readonly remoteFamily?: string;
  };
}

/** The second argument of a fetch function, as {@linkcode makeServer} gives it. */
export function connectionInUnit(request: { readonly runtime?: unknown }): object {
  const { req, res } = Object((request.runtime as { readonly node?: unknown } | undefined)?.node) as {
    readonly req: NodeRequestLike;
    readonly res: unknown;
  };
  const node = { incoming: req, outgoing: res };
  const { remoteAddress: address = "", remotePort: port = 0, remoteFamily: family = "IPv4" } = req.socket ??
    {};
  if ("Deno" in globalThis) return { ...node, remoteAddr: { transport: "tcp", hostname: address, port } };
  if (!("Bun" in globalThis)) return node;
  const refuse = (method: string) => () => {
    throw refusal(`server.${method}`, "Bun.serve");
  };
  return {
    ...node,
    server: {
      requestIP: () => ({ address, port, family }),
      timeout: () => {},
      upgrade: refuse("upgrade"),
      publish: refuse("publish"),
      subscriberCount: refuse("subscriberCount"),
    },
  };
}

/** Has `Deno.upgradeWebSocket` say why it cannot upgrade a request of a unit. */
export function refuseUpgrades(): void {
  const { Deno } = globalThis as {
    readonly Deno?: { upgradeWebSocket(request: object, ...more: unknown[]): unknown };
  };
  if (Deno === undefined) return;
  const { upgradeWebSocket } = Deno;
  Deno.upgradeWebSocket = (request, ...more) => {
    // A server that the application has besides may be one of Deno's own.
    if (Object(request).runtime?.node !== undefined) throw refusal("Deno.upgradeWebSocket", "Deno.serve");
    return upgradeWebSocket.call(Deno, request, ...more);
  };
}

function refusal(what: string, server: string): Error {
  const [flag, why] = process.env["SITEBUS_UNIT"] === undefined
    ? ["--tls-cert", "a certificate that can be changed is served by node:http"]
    : ["--workers", "several processes share a socket by node:http"];
  return new Error(
    `Cannot use ${what} with ${flag}: ${why}, and only ${server} can do so; ` +
      `serve without ${flag}, or by a program of your own`,
  );
}
