import { expect, test } from "vitest";
import { ownFolders } from "../../../components/log/place.ts";

test.each([
  ["the clone", "file:///srv/site%20bus/components/log/place.ts", "/srv/site bus/"],
  [
    "the package",
    "file:///srv/node_modules/sitebus/esm/components/_log.js",
    "/srv/node_modules/sitebus/esm/",
  ],
  ["a drive of Windows", "file:///C:/sitebus/components/log/place.ts", "C:/sitebus/"],
])("the package's own files are known in %s", (_, url, root) => {
  expect(ownFolders(url)).toEqual(["cli", "src", "platforms", "components"].map((one) => `${root}${one}/`));
});

test("a module that is no file has none", () => {
  expect([ownFolders("https://jsr.io/components/log/place.ts"), ownFolders("")]).toEqual([[], []]);
});
