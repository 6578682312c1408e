/**
 * Describes in words what keeps a process alive.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/** The members of a handle of Node that are used here. */
interface HandleLike {
  readonly fd?: unknown;
  readonly pid?: unknown;
  readonly listening?: unknown;
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
  readonly constructor?: { readonly name?: string };
  address?(): unknown;
}

/** Returns what keeps the process alive, as far as the runtime reports it; empty if the runtime reports nothing. */
export function openHandles(process: ProcessLike): readonly string[] {
  const resources = process.getActiveResourcesInfo?.() ?? [];
  const counts = new Map<string, number>();
  for (const name of resources) counts.set(name, (counts.get(name) ?? 0) + 1);
  const named: string[] = [];
  for (const handle of process._getActiveHandles?.() ?? []) {
    const found = nameOf(process, handle as HandleLike);
    if (found === undefined) continue;
    const [kind, words] = found;
    counts.set(kind, (counts.get(kind) ?? 0) - 1);
    if (words !== undefined) named.push(words);
  }
  const others = [...counts].filter(([, count]) => count > 0).map(([name, count]) => counted(name, count));
  return [...named, ...others];
}

/** The words for resources that no handle names. Such a pipe leads to a child process or a socket file. */
function counted(name: string, count: number): string {
  if (name !== "PipeWrap") return `${count} ${name}`;
  return count === 1 ? "1 pipe" : `${count} pipes`;
}

/** Returns the kind of resource that a handle is counted as, and its description. A handle without one does not keep the process alive. */
function nameOf(
  process: ProcessLike,
  handle: HandleLike,
): [kind: string, words: string | undefined] | undefined {
  const kind = handle.constructor?.name;
  if (handle as unknown === process.channel || kind === "Pipe" && process.channel) {
    return ["PipeWrap", "the channel to the parent"];
  }
  if (handle.fd === 0) return [kindOfStream(kind), "the standard input"];
  // The standard output and error are always open. Pending output is reported elsewhere.
  if (handle.fd === 1 || handle.fd === 2) return [kindOfStream(kind), undefined];
  if (kind === "ChildProcess") return ["ProcessWrap", `the child process ${String(handle.pid)}`];
  if (handle.listening === true) return ["TCPServerWrap", `a server on ${placeOf(handle.address?.())}`];
  if (typeof handle.remoteAddress === "string") {
    const { remoteAddress, remotePort } = handle;
    return ["TCPSocketWrap", `a connection to ${placeOf({ address: remoteAddress, port: remotePort })}`];
  }
  return undefined;
}

function kindOfStream(kind: string | undefined): string {
  return kind === "ReadStream" || kind === "WriteStream" ? "TTYWrap" : "PipeWrap";
}

function placeOf(address: unknown): string {
  if (typeof address !== "object" || address === null) return String(address);
  const { address: host, port } = address as { readonly address?: unknown; readonly port?: unknown };
  return String(host).includes(":") ? `[${String(host)}]:${String(port)}` : `${String(host)}:${String(port)}`;
}
