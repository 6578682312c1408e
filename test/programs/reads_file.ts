// Reads a file for which it has no permission, and exits with 3 if Deno refuses that.
import { readFileSync } from "node:fs";
import process from "node:process";
import { print } from "./_print.ts";

try {
  readFileSync("/etc/hostname");
} catch (error) {
  print((error as Error).name);
  process.exitCode = 3;
}
