// Runs a module whose server of Node listens on every address: here on 127.0.0.1 alone. Argument: the module's path.
import "./_loopback.ts";
import process from "node:process";
import { pathToFileURL } from "node:url";

await import(pathToFileURL(process.argv[2]!).href);
