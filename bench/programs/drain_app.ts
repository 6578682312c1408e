import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { print } from "./_print.ts";

/** How long the request takes that is in flight, in milliseconds. */
export const requestMs = 300;

/** What the peers are given for their stop where they take it, in milliseconds; the bus keeps its own 10 s. */
export const graceMs = 3000;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The application, as a fetch function: it says when the slow request has come. */
export async function fetch(
  request: { readonly url: string },
): Promise<Response> {
  if (!request.url.endsWith("/slow")) return new Response("fast\n");
  print("working");
  await wait(requestMs);
  return new Response("slow\n");
}

/** The same for node:http. */
export async function listener(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await fetch({ url: request.url ?? "" });
  response.end(await answer.text());
}

/** Tells the bench where the server listens. */
export function listening(port: number): void {
  print(`ready ${port}`);
}

/** What it is told where a node:http server is. */
export function sayAddress(
  server: { address(): AddressInfo | string | null },
): void {
  listening((server.address() as AddressInfo).port);
}

/** Ends the process when the server has closed, as one writes it by hand. */
export function onTerm(close: () => unknown): void {
  process.once("SIGTERM", () => void close());
}
