/**
 * The function of `lambda_function.mjs` as a CommonJS module, which cannot wait while it is loaded.
 * @module
 */
const { awsLambda, lambdaSync } = require("../../platforms/lambda.ts");
const { lifeOf } = require("./_lambda_life.ts");

const { bus, answer } = lifeOf(awsLambda);

exports.handler = lambdaSync(bus, answer);
