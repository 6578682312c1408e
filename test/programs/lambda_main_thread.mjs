/**
 * The module that NODE_OPTIONS loads first on Lambda Managed Instances.
 * @module
 */
import process from "node:process";
import { lambdaMainThread } from "../../platforms/lambda.ts";

await lambdaMainThread(JSON.parse(process.env.LAMBDA_MAIN_TEST ?? "{}"));
