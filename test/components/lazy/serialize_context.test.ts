// Not in workerd: the runner loads no module of Node's
import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { serialize } from "../../../components/lazy.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test("each request runs in its own async context", async () => {
  const storage = new AsyncLocalStorage<string>();
  const { fetch } = serialize(async () => {
    await wait(1);
    return new Response(storage.getStore());
  });
  const answers = ["a", "b", "c"].map((name) =>
    storage.run(name, () => fetch(new Request("http://127.0.0.1/")))
  );
  const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
  expect(texts).toEqual(["a", "b", "c"]);
});
