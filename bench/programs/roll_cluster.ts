// The same by hand, with node:cluster: a new worker listens before an old one is disconnected.
import cluster, { type Worker } from "node:cluster";
import http from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";

if (cluster.isPrimary) {
  const start = () =>
    new Promise<{ readonly worker: Worker; readonly port: number }>(
      (resolve) => {
        const worker = cluster.fork();
        worker.on(
          "message",
          ({ port }: { readonly port: number }) => resolve({ worker, port }),
        );
      },
    );
  let workers = [await start(), await start()];
  process.on("SIGUSR2", async () => {
    for (let time = 0; time < Number(process.argv[2]); time++) {
      const next: typeof workers = [];
      for (const { worker } of workers) {
        next.push(await start());
        const gone = new Promise((resolve) => worker.on("exit", resolve));
        worker.send("stop");
        const late = setTimeout(() => worker.kill("SIGKILL"), 5000);
        await gone;
        clearTimeout(late);
      }
      workers = next;
    }
    console.log("rolled");
  });
  process.on("SIGTERM", () => process.exit(0));
  console.log(`ready ${workers[0]?.port}`);
} else {
  const server = http.createServer((request, response) => {
    if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: hello\n\n");
      process.on("message", () => response.end("data: bye\n\n"));
      return;
    }
    request.resume().on("end", () => response.end("ok"));
  });
  server.listen(
    0,
    "127.0.0.1",
    () => process.send?.({ port: (server.address() as AddressInfo).port }),
  );
  process.on("message", () => server.close(() => process.exit(0)));
}
