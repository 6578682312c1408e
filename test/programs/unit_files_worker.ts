// A unit that uses a configuration file and the files of a certificate, and tells which it has.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { connect, createServer } from "node:tls";
import { ProcessBus } from "../../mod.ts";
import { configFile, tlsFiles } from "../../components/reload.ts";
import { site, unit } from "../../components/units.ts";
import { print } from "./_print.ts";

const name = process.env["SITEBUS_UNIT"] ?? "";
const [folder = "", how = ""] = process.argv.slice(2);
const path = (file: string) => join(folder, file);
const watch = how !== "unwatched";
const bus = new ProcessBus<{ report: [number: string]; upload: [unit: string, pair: string] }>({
  name: "unit",
  platform: unit(),
});
site(bus);
const config = bus.use(configFile<{ greeting: string }>(bus, path("shop.json"), {
  watch,
  schema: {
    "~standard": {
      validate: (value) =>
        (value as { greeting: string }).greeting === "rude" && name === "web/2"
          ? { issues: [{ message: "it is rude" }] }
          : { value: value as { greeting: string } },
    },
  },
}));
const server = createServer((socket) => void socket.on("error", () => {}).end());
bus.use(tlsFiles(bus, server, { cert: path("cert.pem"), key: path("key.pem"), watch }));
bus.use({
  name: "server",
  dependsOn: ["tls"],
  start: () => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)),
  stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
});
bus.subscribe("report", async (number) => {
  print(`report ${number}: ${name} says ${config.value.current.greeting} as ${await shown()}`);
});
// What a request of one user does: one worker takes the certificate, and all are to have it.
bus.subscribe("upload", async (to, pair) => {
  if (to !== name) return;
  for (const file of ["cert.pem", "key.pem"]) {
    await writeFile(path(file), await readFile(path(`${pair}-${file}`)));
  }
  const outcome = await bus.reload().then(() => "in use", (error: Error) => error.message);
  print(`${name} uploaded ${pair}: ${outcome}`);
});
process.exitCode = await bus.run();

/** Whose certificate a handshake shows. */
function shown(): Promise<string> {
  const { port } = server.address() as { port: number };
  // Deno would go on with an earlier session of the same name, and show the certificate of that.
  const servername = `${globalThis.crypto.randomUUID()}.invalid`;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, servername }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
