/**
 * The same in a CommonJS module, which cannot wait before the client goes on.
 * @module
 */
const { awsLambda, lambdaSync } = require("../../platforms/lambda.ts");
const { lifeOf } = require("./_lambda_life.ts");

const { bus, answer } = lifeOf(awsLambda);

exports.handler = lambdaSync(bus, answer);
