/**
 * A custom runtime of AWS Lambda. The response to an invocation with `pieces` is a stream.
 * @module
 */
import { awsLambda, runLambdaLoop } from "../../platforms/lambda.ts";
import type { InvocationContext } from "../../platforms/serverless.ts";
import { errorOf, type LifeEvent, lifeOf } from "./_lambda_life.ts";
import { print } from "./_print.ts";

interface LoopEvent extends LifeEvent {
  readonly pieces?: readonly string[];
  /** The message of the error after the pieces. */
  readonly fails?: string;
  /** Whether the pieces go on for ever. */
  readonly endless?: boolean;
  /** How many bytes the response has. */
  readonly bytes?: number;
}

const { bus, answer } = lifeOf(awsLambda);

const code = await runLambdaLoop(bus, (event: LoopEvent, context, invocation) => {
  const { pieces, bytes } = event;
  if (bytes !== undefined) return "x".repeat(bytes);
  return pieces === undefined ? answer(event, context, invocation) : stream(pieces, event, invocation);
});
print(`left with ${code}`);

async function* stream(
  pieces: readonly string[],
  { says, fails, errorName = "RangeError", endless, waits }: LoopEvent,
  { signal }: InvocationContext,
): AsyncGenerator<string> {
  if (says !== undefined) print(says);
  try {
    do {
      for (const piece of pieces) {
        yield piece;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } while (endless);
  } finally {
    print("let go of the pieces");
  }
  if (waits) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  if (fails !== undefined) throw errorOf(fails, errorName);
}
