// The same behind a bus.
import { ProcessBus } from "../../mod.ts";
import { awsLambda, lambda, type LambdaFunction } from "../../platforms/lambda.ts";

const bus = new ProcessBus({ platform: awsLambda() });

export const handler: LambdaFunction<unknown, unknown, never> = await lambda(
  bus,
  (event) => event,
);
