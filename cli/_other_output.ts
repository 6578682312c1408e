/**
 * Notices what the application prints, so that lines drawn below it can be moved out of the way.
 * @module
 */

/** Is told of what others print. */
export interface OtherOutput {
  readonly before: () => void;
  readonly after: () => void;
}

/** Where others print to: the streams of the terminal, and the console, which only Node has write to them. */
export interface Outputs {
  readonly streams: readonly object[];
  readonly console: object;
}

const METHODS = [
  ...["log", "info", "warn", "error", "debug", "trace", "assert", "dir", "dirxml", "table"],
  ...["group", "groupCollapsed", "count", "timeLog", "timeEnd"],
];

/** Tells before and after each print, until its undo is called. */
export function watchOutput({ streams, console }: Outputs, others: OtherOutput): () => void {
  const undo = [
    ...streams.map((stream) => wrap(stream, "write", others)),
    ...METHODS.map((method) => wrap(console, method, others)),
  ];
  return () => undo.forEach((take) => take());
}

function wrap(owner: object, name: string, { before, after }: OtherOutput): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== "function") return () => {};
  let watching = true;
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    if (!watching) return Reflect.apply(original as () => unknown, this, args);
    before();
    try {
      return Reflect.apply(original as () => unknown, this, args);
    } finally {
      after();
    }
  }
  if (!Reflect.set(owner, name, wrapped)) return () => {};
  return () => {
    watching = false;
    // Other code may have wrapped the method again: then that wrapper stays, and ours only passes calls on.
    if (Reflect.get(owner, name) !== wrapped) return;
    if (own) Object.defineProperty(owner, name, own);
    else Reflect.deleteProperty(owner, name);
  };
}
