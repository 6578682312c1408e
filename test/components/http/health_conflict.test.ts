import { describe, expect, test } from "vitest";
import { refuseConflict } from "../../../components/http/health_conflict.ts";

const paths = ["/livez", "/readyz"];

/** An application that has these paths alone. */
const having = (...own: string[]) => (request: Request) => {
  const { pathname } = new URL(request.url);
  return new Response(null, { status: own.includes(pathname) ? 204 : 404 });
};

describe("a health path that the application also serves", () => {
  test("is refused by its name", async () => {
    await expect(refuseConflict(having("/readyz"), paths)).rejects.toThrow(
      'Cannot answer for the health at "/readyz": the application serves this path itself; ' +
        "give the health another path, or a port of its own",
    );
  });

  test.each<[what: string, fetch: (request: Request) => unknown]>([
    ["that serves other paths", having("/", "/live")],
    ["that answers everything", () => new Response("page")],
    ["that throws", () => {
      throw new Error("it wants more than a request");
    }],
    ["that rejects", () => Promise.reject(new Error("no"))],
    ["that returns nothing", () => undefined],
    ["that answers too late", () => new Promise(() => {})],
  ])("is not seen in one %s", async (_, fetch) => {
    await expect(refuseConflict(fetch, paths)).resolves.toBeUndefined();
  });
});
