/**
 * One interface for the different ports of the runtimes: the port of a worker, the scope of a web worker, the IPC of a child.
 * @module
 */

/** The members of a port that are used: `parentPort` or a `MessagePort`, the scope of a web worker, or `process` in a child with IPC. */
export interface PortLike {
  /** Sends a message, on ports and workers. */
  postMessage?(message: unknown): void;
  /** Sends a message, over IPC. */
  send?(message: unknown, ...done: never[]): unknown;
  /** Adds a listener, on ports of Node and over IPC. */
  on?(name: string, listener: (value: unknown) => void): unknown;
  /** Removes a listener, on ports of Node and over IPC. */
  off?(name: string, listener: (value: unknown) => void): unknown;
  /** Adds a listener, on ports of the web. */
  addEventListener?(name: string, listener: (event: { readonly data?: unknown }) => void): void;
  /** Removes a listener, on ports of the web. */
  removeEventListener?(name: string, listener: (event: { readonly data?: unknown }) => void): void;
  /** Begins to receive, on ports of the web. */
  start?(): void;
  /** Lets the worker end although the port is open. */
  unref?(...of: never[]): void;
  /** Closes the port, or ends the web worker. */
  close?(): void;
  /** The channel of IPC. */
  readonly channel?: { unref?(): void } | null | undefined;
}

/** An open port. */
export interface Port {
  /** Sends a message. If the host is gone, the message is dropped. */
  send(message: unknown): void;
  /** Stops listening, so that the port does not keep the worker or the child alive. */
  close(): void;
}

/** The listeners for a port. */
export interface PortListener {
  /** Called with each message. */
  received(message: unknown): void;
  /** Called when the other side is gone. */
  closed(): void;
}

/** Listens on a port. The listener keeps the worker or child alive until `close`. */
export function openPort(port: PortLike, listener: PortListener): Port {
  const { received, closed } = listener;
  const isWeb = port.on === undefined;
  const onMessage = isWeb
    ? (event: unknown) => received((event as { readonly data: unknown }).data)
    : received;
  const listeners = { message: onMessage, close: closed, disconnect: closed };
  for (const [name, one] of Object.entries(listeners)) {
    if (isWeb) port.addEventListener?.(name, one);
    else port.on?.(name, one);
  }
  port.start?.();
  return {
    send(message) {
      try {
        if (port.postMessage) port.postMessage(message);
        else port.send?.(message, ignoreFailure as never);
      } catch {
        // The host is gone, and `closed` says so.
      }
    },
    close() {
      for (const [name, one] of Object.entries(listeners)) {
        if (isWeb) port.removeEventListener?.(name, one);
        else port.off?.(name, one);
      }
      if (!port.postMessage) port.channel?.unref?.();
      else if (port.unref) port.unref();
      else port.close?.();
    },
  };
}

// Without a callback, sending to a parent that is gone emits an `error` event of the process.
function ignoreFailure(): void {}

/** Whether `value` has the methods to send and to listen. */
export function isPort(value: unknown): value is PortLike {
  if (typeof value !== "object" || value === null) return false;
  const { postMessage, send, on, addEventListener } = value as Partial<Record<keyof PortLike, unknown>>;
  const isFunction = (...ones: unknown[]) => ones.some((one) => typeof one === "function");
  return isFunction(postMessage, send) && isFunction(on, addEventListener);
}
