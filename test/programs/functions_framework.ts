// Google's functions framework itself, as its command starts it. Arguments: --source=<file> --target=<function> and its other options.
import "./_loopback.ts";

await import("../../node_modules/@google-cloud/functions-framework/build/src/main.js" as string);
