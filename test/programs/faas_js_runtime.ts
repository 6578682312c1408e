// The host of Knative functions itself, as its command starts it. Argument: the function's file.
import "./_loopback.ts";

await import("../../node_modules/faas-js-runtime/bin/cli.js" as string);
