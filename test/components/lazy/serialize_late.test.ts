// Not in workerd: there, a request that has the lock for too long loses it, as workerd.test.ts shows
import { expect, test } from "vitest";
import { serialize } from "../../../components/lazy.ts";
import { recorded, request, wait } from "./_recorded.ts";

test("a request that has waited for too long is 503 and is not served later", async () => {
  const { app, events } = recorded(80);
  const { fetch } = serialize(app, { within: 30 });
  const slow = fetch(request("a"));
  const late = [fetch(request("b")), wait(10).then(() => fetch(request("c")))];
  expect((await Promise.all(late)).map(({ status }) => status)).toEqual([503, 503]);
  expect((await slow).status).toBe(200);
  await wait(20);
  expect(events.join("")).toBe("+a-a");
  expect((await fetch(request("d"))).status).toBe(200);
});
