/**
 * A function of AWS Lambda, with its options as JSON in LAMBDA_TEST. Not a .ts file, since the official client loads none.
 * @module
 */
import { awsLambda, lambda, lambdaStream } from "../../platforms/lambda.ts";
import { lifeOf } from "./_lambda_life.ts";

const { bus, answer, settings } = lifeOf(awsLambda);

let late;

export const handler = settings.streams
  ? await lambdaStream(bus, async (event, stream, _, invocation) => {
    stream.setContentType("text/plain");
    for (const piece of event.pieces) {
      stream.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (event.fails) throw new RangeError("half of it");
    stream.write(` ${invocation.left() > 0}`);
    stream.end();
    if (event.exit !== undefined) void bus.exit(event.exit);
  })
  : settings.lazy
  ? async (event, context) => await (await (late ??= lambda(bus, answer)))(event, context)
  : await lambda(bus, answer);
