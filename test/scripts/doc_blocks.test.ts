import { describe, expect, test } from "vitest";
import { blocksOf, missingInImportMap, pageProblems } from "../../scripts/testing/doc_blocks.ts";

const fence = "```";
const page = (...lines: string[]) => lines.join("\n").replaceAll("~~~", fence);

describe("the blocks of a page", () => {
  test("are run, compiled, replayed or read, by what their fences say", () => {
    const kinds = ["ts", "ts ignore", "js ignore", "console", "sh", ""];
    const text = kinds.map((kind) => `~~~${kind}\na\n~~~`).join("\n\n");
    expect(blocksOf("docs/a.md", page(text)).map(({ name, treatment }) => [name, treatment])).toEqual([
      ["docs/a.md:2", "run"],
      ["docs/a.md:6", "compile"],
      ["docs/a.md:10", "compile"],
      ["docs/a.md:14", "replay"],
      ["docs/a.md:18", "read"],
      ["docs/a.md:22", "read"],
    ]);
  });

  test("have what the comment right above them gives, and no other", () => {
    const text = page(
      "<!-- given:",
      "declare const a: number;",
      "-->",
      "",
      "~~~ts ignore",
      "a;",
      "~~~",
      "<!-- given: declare const b: number; -->",
      "Text.",
      "~~~ts ignore",
      "b;",
      "~~~",
    );
    expect(blocksOf("a.md", text).map(({ code, given }) => [code, given])).toEqual([
      ["a;\n", "declare const a: number;"],
      ["b;\n", ""],
    ]);
  });

  test("that say why they cannot be run are skipped with that", () => {
    expect(blocksOf("a.md", page("<!-- not run: it needs", "a Worker -->", "~~~ts ignore", "a", "~~~")))
      .toMatchObject([{ treatment: "skip", why: "it needs a Worker" }]);
  });

  test("of an unknown kind, or without an end, are refused by name", () => {
    expect(() => blocksOf("a.md", page("~~~tsx", "a", "~~~"))).toThrow(
      'Cannot check a.md:2: nothing is known of "tsx"',
    );
    expect(() => blocksOf("a.md", page("~~~ts", "a"))).toThrow(
      "Cannot check a.md: the block that begins with",
    );
  });
});

test("links to nothing, and scripts that are not there, are problems of a page", () => {
  const text =
    "[a](b.md#c) [d](../README.md) [e](gone.md) [f](https://example.org/x) `npm run check` `npm run gone`";
  const exists = (path: string) => ["docs/b.md", "README.md"].includes(path);
  expect(pageProblems("docs/a.md", text, { scripts: ["check"], exists })).toEqual([
    `the link to "gone.md" leads nowhere`,
    `"npm run gone": there is no such script`,
  ]);
});

test("an import map has to name each entry point that the examples import", () => {
  const imported = ["sitebus", "sitebus/http"];
  expect(missingInImportMap(`"sitebus": "../sitebus/mod.ts"`, imported)).toEqual(["sitebus/http"]);
  expect(missingInImportMap("no map here", imported)).toEqual([]);
});
