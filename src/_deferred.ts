/**
 * A promise with its levers, for which no caller is ever owed a rejection listener.
 * @module
 */

/** A promise that is settled from outside, once. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  settled: boolean;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Makes a promise that may be dropped: its rejection is never unhandled. */
export function defer<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {});
  const deferred: Deferred<T> = {
    promise,
    settled: false,
    resolve(value) {
      deferred.settled = true;
      resolve(value);
    },
    reject(error) {
      deferred.settled = true;
      reject(error);
    },
  };
  return deferred;
}

/** A promise rejected at once, that may be dropped too. */
export function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

/** Goes on with a value at once, or once its promise has resolved: what was synchronous stays so. */
export function after<T, U>(value: T | Promise<T>, next: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
