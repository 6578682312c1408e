/**
 * A channel as an async iterator.
 * @module
 */
import { onAbort, type Signal } from "./_web.ts";
import type { Channel } from "./channel.ts";

/** The iterator that `iterate` returns, for `for await` and `await using`. */
export type ChannelIterator<A> = AsyncIterableIterator<A> & AsyncDisposable;

/** Iterates over the arguments of every publish from now on, which are kept until they are asked for. */
export function iterateChannel<A extends readonly unknown[]>(
  channel: Channel,
  signal: Signal | undefined,
): ChannelIterator<A> {
  type Next = IteratorResult<A, undefined>;
  const published: A[] = [];
  const asking: ((next: Next) => void)[] = [];
  const listen = (...args: unknown[]) => {
    const ask = asking.shift();
    if (ask) ask({ done: false, value: args as unknown as A });
    else published.push(args as unknown as A);
  };
  const done: Next = { done: true, value: undefined };
  let isOver = signal?.aborted ?? false;
  let release: (() => void) | undefined;
  const end = () => {
    isOver = true;
    channel.remove(listen);
    release?.();
    for (const ask of asking.splice(0)) ask(done);
  };
  if (!isOver) {
    release = signal && onAbort(signal, end);
    channel.add(listen, { name: "iterator" });
  }
  const finish = (): Promise<Next> => {
    end();
    published.length = 0;
    return Promise.resolve(done);
  };
  return {
    next() {
      const value = published.shift();
      if (value) return Promise.resolve({ done: false, value });
      return isOver ? Promise.resolve(done) : new Promise((resolve) => asking.push(resolve));
    },
    return: finish,
    async [Symbol.asyncDispose]() {
      await finish();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
