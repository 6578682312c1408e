import { describe, expect, test } from "vitest";
import { answerBy } from "../../cli/answer.ts";
import type { Fetch } from "../../cli/module.ts";

const REQUEST = new Request("http://localhost/path?secret=1");

/** Answers by the function; what failed is in `failed`. */
function answering(fetch: unknown): { answer: Fetch; failed: unknown[] } {
  const failed: unknown[] = [];
  const answer = answerBy({ fetch: fetch as Fetch }, (...told) => failed.push(told));
  if (!("fetch" in answer)) throw new Error("It is of another style");
  return { answer: answer.fetch, failed };
}

describe("answerBy", () => {
  test("returns the response of a synchronous application as it is, and no promise", async () => {
    const response = new Response("ok");
    const { answer, failed } = answering(() => response);
    expect(answer(REQUEST)).toBe(response);
    expect(failed).toEqual([]);
  });

  test("waits for the response of an asynchronous application", async () => {
    const response = new Response("ok");
    const { answer, failed } = answering(() => Promise.resolve(response));
    expect(await answer(REQUEST)).toBe(response);
    expect(failed).toEqual([]);
  });

  test("makes the runtime's own of a response of another class", async () => {
    const given = {
      status: 201,
      statusText: "Made",
      headers: new Headers({ "x-by": "me" }),
      body: new Response("ok").body,
    };
    const { answer } = answering(() => given);
    const response = await answer(REQUEST);
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText, response.headers.get("x-by")]).toEqual([201, "Made", "me"]);
    expect(await response.text()).toBe("ok");
  });

  test("hands the application what is known of the connection", async () => {
    let given: object | undefined;
    const { answer } = answering((_: Request, connection: object) => {
      given = connection;
      return new Response();
    });
    const connection = { remoteAddr: {} };
    await answer(REQUEST, connection);
    expect(given).toBe(connection);
  });

  test("hands the request itself to the application", async () => {
    let given: Request | undefined;
    const { answer } = answering((request: Request) => {
      given = request;
      return new Response();
    });
    await answer(REQUEST);
    expect(given).toBe(REQUEST);
  });

  const error = new TypeError("no way");
  test.each<[string, () => unknown, string]>([
    ["throws", () => {
      throw error;
    }, "no way"],
    ["rejects", () => Promise.reject(error), "no way"],
    ["returns nothing", () => undefined, "The application returned undefined, expected a Response"],
    [
      "resolves to nothing",
      () => Promise.resolve(null),
      "The application returned null, expected a Response",
    ],
    ["returns text", () => "hello", "The application returned hello, expected a Response"],
  ])("answers 500 and tells of the path alone where it %s", async (_, fetch, why) => {
    const { answer, failed } = answering(fetch);
    const response = await answer(REQUEST);
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(failed).toEqual([[
      "GET /path",
      expect.objectContaining({ message: expect.stringContaining(why) }),
    ]]);
  });
});
