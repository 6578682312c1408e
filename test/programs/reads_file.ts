// Tries what it has no permission for, and exits with 3 where it was refused.
import { readFileSync } from "node:fs";
import process from "node:process";
import { print } from "./_print.ts";

try {
  readFileSync("/etc/hostname");
} catch (error) {
  print((error as Error).name);
  process.exitCode = 3;
}
