/**
 * `npm run build:lambda`: builds the versions of `aws-lambda-ric` for the tests of `sitebus/lambda`, unless they are built
 * already. Takes two to three minutes, once. Ends with 69, "a service is unavailable", if this machine lacks the tools for the
 * build: these tests are then skipped, and say so.
 * @module
 */
import process from "node:process";
import { endWithUs } from "../command.ts";
import { buildRic, ricMain, ricObstacle, ricVersions } from "./ric.ts";

endWithUs();
for (const version of ricVersions) {
  if (ricMain(version) !== undefined) {
    console.log(`aws-lambda-ric ${version} is there: ${ricMain(version)}`);
    continue;
  }
  const began = performance.now();
  const obstacle = await ricObstacle(version);
  if (obstacle !== undefined) {
    console.error(`Cannot build aws-lambda-ric ${version}: ${obstacle}`);
    process.exitCode ||= 69;
    continue;
  }
  try {
    await buildRic(version);
    console.log(`Built aws-lambda-ric ${version} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
