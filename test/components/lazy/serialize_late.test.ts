// Not in workerd: there, a request that has the lock for too long loses it, as workerd.test.ts shows
import { expect, test } from "vitest";
import { serialize } from "../../../components/lazy.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const request = (path: string) => new Request(`http://127.0.0.1/${path}`);

const pathOf = (request: object) => new URL((request as Request).url).pathname.slice(1);

/** An application that tells the order of its begins and ends. */
function recorded(ms = 5) {
  const events: string[] = [];
  const app = async (request: object) => {
    events.push(`+${pathOf(request)}`);
    await wait(ms);
    events.push(`-${pathOf(request)}`);
    return new Response(pathOf(request));
  };
  return { app, events };
}

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
