import { pathToFileURL } from "node:url";
import { expect, test, vi } from "vitest";
import { installedExample } from "../../installed_example.ts";
import { runtime } from "../../spawn.ts";
import { azureWorker } from "./_worker.ts";

test("examples/azure serves HTTP and its queue with the core of @azure/functions stubbed, and closes its database", async (context) => {
  if (runtime !== "node") return context.skip("Azure runs functions of JavaScript on Node");
  const { worker } = azureWorker();
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  await import(/* @vite-ignore */ pathToFileURL(`${installedExample("azure")}/src/functions.js`).href);
  await worker.start();
  const answer = await worker.invoke("items", {
    http: { method: "GET", url: "http://localhost/", headers: {} },
  });
  expect(answer.returnValue?.http?.statusCode).toBe("200");
  expect(await worker.invoke("orders", { string: "tea" })).toMatchObject({
    returnValue: { string: "3 of tea left" },
  });
  await worker.terminate();
  expect(said.mock.calls).toEqual([["database closed"]]);
  expect(worker.exits).toEqual([0]);
});
