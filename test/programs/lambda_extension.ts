/**
 * An external extension of AWS Lambda, which receives an event for every invocation.
 * @module
 */
import process from "node:process";
import { awsLambda, runLambdaExtension } from "../../platforms/lambda.ts";
import { lifeOf } from "./_lambda_life.ts";
import { print } from "./_print.ts";

const { bus } = lifeOf(() => awsLambda({ graceMs: 1500 }), "LAMBDA_EXTENSION_TEST");
process.exitCode = await runLambdaExtension(bus, {
  name: "lambda_extension",
  invoked: ({ eventType, requestId }) => print(`told of ${eventType} ${requestId?.length}`),
});
