import { readFileSync } from "node:fs";
import { request } from "node:https";
import { expect, test } from "vitest";
import { start } from "../../spawn.ts";
import { LOCALHOST, OTHER, OTHER_KEY } from "./_certificates.ts";
import { PairFiles, shown } from "./_tls.ts";

/** Uploads a certificate with its key. */
function upload(port: number, body: string, token = "secret"): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({
      port,
      host: "127.0.0.1",
      path: "/certificate",
      method: "PUT",
      headers: { authorization: `Bearer ${token}` },
      rejectUnauthorized: false,
      agent: false,
    }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => text += part);
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    asked.on("error", reject).end(body);
  });
}

test("examples/upload_certificate.ts shows a certificate to the next client after its upload, and keeps it after a bad one", async () => {
  const files = new PairFiles();
  const program = start("../../examples/upload_certificate", {
    args: [files.cert, files.key, "0"],
    env: { TOKEN: "secret" },
    timeoutMs: 20_000,
  });
  const line = await program.waitForLine("https://");
  expect(line).toContain("with the certificate of CN=localhost");
  const port = Number(/:(\d+)\//.exec(line)?.[1]);
  expect(await upload(port, OTHER.cert + OTHER.key)).toBe("200 in use\n");
  expect(await shown(port)).toBe("other.localhost");
  expect(await upload(port, LOCALHOST.cert + OTHER_KEY)).toContain("is the key of another one");
  expect(await upload(port, "nonsense")).toMatch(/^422 /);
  expect(readFileSync(files.key, "utf8")).toBe(OTHER.key);
  expect(await upload(port, LOCALHOST.cert + LOCALHOST.key, "guessed")).toBe("401 Unauthorized\n");
  expect(await shown(port)).toBe("other.localhost");
  expect(await upload(port, LOCALHOST.cert + LOCALHOST.key)).toBe("200 in use\n");
  expect(await shown(port)).toBe("localhost");
  program.kill("SIGTERM");
  const exit = await program.exited;
  expect(exit.lines.filter((line) => line.startsWith("generation"))).toEqual([
    "generation 1: CN=other.localhost",
    "generation 2: CN=localhost",
  ]);
  expect(exit.code).toBe(0);
});
