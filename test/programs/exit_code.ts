// Ends at once with the given exit code.
import process from "node:process";

process.exitCode = Number(process.argv[2]);
