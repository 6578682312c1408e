// The application on srvx alone: the copy that the command has.
import process from "node:process";
import { serve } from "srvx";
import { print } from "./_print.ts";
import app from "./serve_app.ts";

const port = Number(process.argv.at(-1));
const server = serve({
  ...app,
  hostname: "127.0.0.1",
  port,
  silent: true,
  gracefulShutdown: false,
});
await server.ready();
print("ready");
