import { cloudEvent, http } from "@google-cloud/functions-framework";
import { getFunction } from "@google-cloud/functions-framework/testing";
import { expect, test } from "vitest";
import { ProcessBus } from "../../../mod.ts";
import { cloudEventFunction, google, httpFunction } from "../../../platforms/google.ts";
import { fakeProcess } from "../fake_process.ts";

test("the framework takes what sitebus makes, whose bodies have the types of the framework", () => {
  const bus = new ProcessBus({ platform: google({ process: fakeProcess() }) });
  http("shop", httpFunction(bus, (request, response) => response.json(request.query)));
  cloudEvent<{ order: string }>("paid", cloudEventFunction(bus, (event) => event.data?.order.length));
  expect(getFunction("shop")).toHaveLength(2);
  expect(getFunction("paid")).toHaveLength(1);
});
