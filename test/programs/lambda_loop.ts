/**
 * A custom runtime of AWS Lambda. An invocation with pieces is answered by a stream.
 * @module
 */
import { awsLambda, runLambdaLoop } from "../../platforms/lambda.ts";
import { type LifeEvent, lifeOf } from "./_lambda_life.ts";
import { print } from "./_print.ts";

interface LoopEvent extends LifeEvent {
  readonly pieces?: readonly string[];
  readonly fails?: boolean;
  /** How many bytes it answers with. */
  readonly bytes?: number;
}

const { bus, answer } = lifeOf(awsLambda);

const code = await runLambdaLoop(bus, (event: LoopEvent, context, invocation) => {
  const { pieces, bytes } = event;
  if (bytes !== undefined) return "x".repeat(bytes);
  return pieces === undefined ? answer(event, context, invocation) : stream(pieces, event.fails);
});
print(`left with ${code}`);

async function* stream(pieces: readonly string[], fails = false): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (fails) throw new RangeError("half of it");
}
