// The same for a CommonJS module.
import { ProcessBus } from "../../mod.ts";
import { awsLambda, type LambdaFunction, lambdaSync } from "../../platforms/lambda.ts";

const bus = new ProcessBus({ platform: awsLambda() });

export const handler: LambdaFunction<unknown, unknown, never> = lambdaSync(
  bus,
  (event) => event,
);
