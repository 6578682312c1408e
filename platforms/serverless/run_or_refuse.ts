/**
 * An invocation that has an answer also where the bus does not run.
 * @module
 */
import type { Gate } from "./gate.ts";
import type { Invocation, InvocationContext } from "./invocation.ts";
import { type Unavailable, unavailable } from "./unavailable.ts";

/** Runs the body of one invocation. */
export type Run<T> = (
  invocation: Invocation,
  body: (context: InvocationContext) => T | Promise<T>,
) => T | Promise<T>;

/**
 * Makes a `run` of the gate that answers by `refuse` where the bus does not come to run. What a body returns or throws is
 * passed on, and no promise is made where it is called at once.
 */
export function runOrRefuse<T>(gate: Gate, refuse: (why: Unavailable) => T): Run<T> {
  return (invocation, body) => {
    let begun = false;
    const answer = gate.run(invocation, (context) => {
      begun = true;
      return body(context);
    });
    if (begun) return answer;
    return (answer as Promise<T>).catch((error) => {
      // It is the body's own, where that has begun meanwhile.
      if (begun) throw error;
      return refuse(unavailable(error));
    });
  };
}
