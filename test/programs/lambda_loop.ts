/**
 * A custom runtime of AWS Lambda. An invocation with pieces is answered by a stream.
 * @module
 */
import { awsLambda, runLambdaLoop } from "../../platforms/lambda.ts";
import { errorOf, type LifeEvent, lifeOf } from "./_lambda_life.ts";
import { print } from "./_print.ts";

interface LoopEvent extends LifeEvent {
  readonly pieces?: readonly string[];
  /** What fails after them. */
  readonly fails?: string;
  /** How many bytes it answers with. */
  readonly bytes?: number;
}

const { bus, answer } = lifeOf(awsLambda);

const code = await runLambdaLoop(bus, (event: LoopEvent, context, invocation) => {
  const { pieces, bytes, fails, errorName = "RangeError" } = event;
  if (bytes !== undefined) return "x".repeat(bytes);
  return pieces === undefined ? answer(event, context, invocation) : stream(pieces, fails, errorName);
});
print(`left with ${code}`);

async function* stream(
  pieces: readonly string[],
  fails: string | undefined,
  errorName: string | null,
): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (fails !== undefined) throw errorOf(fails, errorName);
}
