// Ends at once with the exit code given.
import process from "node:process";

process.exitCode = Number(process.argv[2]);
