import { expect, test } from "vitest";
import { serialize } from "../../../components/lazy.ts";
import { pathOf, recorded, request, wait } from "./_recorded.ts";

test("requests are answered one at a time, in the order in which they came", async () => {
  const { app, events } = recorded();
  const { fetch } = serialize(app);
  const answers = await Promise.all(["a", "b", "c", "d"].map((path) => fetch(request(path))));
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["a", "b", "c", "d"]);
  expect(events.join("")).toBe("+a-a+b-b+c-c+d-d");
});

test("a thousand requests at once are all answered, where they may wait", async () => {
  let atOnce = 0;
  let most = 0;
  const { fetch } = serialize(async () => {
    most = Math.max(most, ++atOnce);
    await Promise.resolve();
    atOnce--;
    return new Response("ok");
  }, { queue: 1_000 });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => fetch(request())));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(most).toBe(1);
});

test("a full queue is 503 with a time to come again", async () => {
  const { app } = recorded();
  const serial = serialize(app, { queue: 1 });
  const answers = [request("a"), request("b"), request("c")].map((request) => serial.fetch(request));
  expect(serial.waiting).toBe(1);
  const found = await Promise.all(answers);
  expect(found.map(({ status }) => status)).toEqual([200, 200, 503]);
  expect(found[2]!.headers.get("retry-after")).toBe("1");
  expect(serial.waiting).toBe(0);
});

test("a queue of 0 serves one request, and refuses all others meanwhile", async () => {
  const { app } = recorded();
  const { fetch } = serialize(app, { queue: 0 });
  const answers = await Promise.all([fetch(request("a")), fetch(request("b"))]);
  expect(answers.map(({ status }) => status)).toEqual([200, 503]);
  expect((await fetch(request("c"))).status).toBe(200);
});

test("a request whose client goes away leaves the queue, and those behind it move on", async () => {
  const { app, events } = recorded();
  const serial = serialize(app);
  const aborting = new AbortController();
  const first = serial.fetch(request("a"));
  const gone = serial.fetch(request("b", aborting.signal));
  const last = serial.fetch(request("c"));
  aborting.abort();
  expect(serial.waiting).toBe(1);
  expect((await gone).status).toBe(503);
  expect(await Promise.all([first, last].map(async (answer) => (await answer).text()))).toEqual(["a", "c"]);
  expect(events.join("")).toBe("+a-a+c-c");
  const signal = AbortSignal.abort();
  const [busy, dead] = [serial.fetch(request("d")), serial.fetch(request("e", signal))];
  expect([(await busy).status, (await dead).status]).toEqual([200, 503]);
});

test("a request that fails passes the lock on, and its failure to its caller alone", async () => {
  const { fetch } = serialize(async (request: object) => {
    await wait(1);
    if (pathOf(request) === "bad") throw new Error("broken");
    return new Response("ok");
  });
  const [bad, good] = [fetch(request("bad")), fetch(request("good"))];
  await expect(bad).rejects.toThrow("broken");
  expect((await good).status).toBe(200);
});

test("an application that answers at once, or throws at once, holds nothing", async () => {
  const serial = serialize((request: object) => {
    if (pathOf(request) === "bad") throw new Error("broken");
    return new Response("ok");
  });
  expect(() => serial.fetch(request("bad"))).toThrow("broken");
  expect(serial.fetch(request("good"))).toBeInstanceOf(Response);
  expect(serial.waiting).toBe(0);
});

test("what its server gives besides the request is passed on", async () => {
  const app = { name: "app", fetch: (_: object, env: string) => new Response(`${app.name} ${env}`) };
  expect(await (await serialize(app).fetch(request(), "env")).text()).toBe("app env");
});

test.each([
  [7, {}, 'the application is 7, expected a function or an object with "fetch"'],
  [() => {}, { queue: -1 }, '"queue" is -1, expected a whole number from 0'],
  [() => {}, { queue: 1.5 }, '"queue" is 1.5'],
  [() => {}, { within: "5s" }, '"within" is "5s", expected milliseconds'],
  [() => {}, { max: 1 }, 'unknown option "max"'],
])("bad input is refused by name: %#", (app, options, message) => {
  expect(() => serialize(app as never, options as never)).toThrow(
    `Cannot serialize the application: ${message}`,
  );
});
