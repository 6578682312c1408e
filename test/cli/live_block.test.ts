import { describe, expect, test } from "vitest";
import { cut, styled, widthOf } from "../../cli/_ansi.ts";
import { LiveBlock } from "../../cli/_live_block.ts";
import { fakeTerminal } from "./_screen.ts";

function made(
  { style, ...size }: { columns?: number; rows?: number; style?: (line: string) => string } = {},
) {
  const terminal = fakeTerminal(size);
  const block = new LiveBlock(terminal, style);
  terminal.watch({ before: () => block.lift(), after: () => block.lower() });
  return { ...terminal, block };
}

describe("the live block", () => {
  test("replaces its lines, fewer and more", () => {
    const { screen, block } = made();
    block.show(["one is starting", "two"]);
    expect(screen.lines).toEqual(["", "one is starting", "two"]);
    block.show(["one"]);
    expect(screen.lines).toEqual(["", "one"]);
    block.show(["one", "two", "three"]);
    expect(screen.lines).toEqual(["", "one", "two", "three"]);
    block.show([]);
    expect(screen.lines).toEqual([]);
  });

  test("writes nothing where nothing changes", () => {
    const { written, block } = made();
    block.show([]);
    block.show(["one"]);
    block.show(["one"]);
    expect(written).toHaveLength(1);
  });

  test("stays below what is printed for good, in one piece of output", () => {
    const { screen, written, block } = made();
    block.print("first\n");
    block.show(["a long line that is pending", "another"]);
    block.print("second\nthird\n");
    block.print("last\n", ["another"]);
    expect(screen.lines).toEqual(["first", "second", "third", "last", "", "another"]);
    expect(written).toHaveLength(4);
  });

  test("keeps the end of a line for good that is as wide as the terminal, or wider", () => {
    const { screen, block } = made({ columns: 5 });
    block.show(["one", "two"]);
    block.print("12345\n123456789a\n");
    expect(screen.lines).toEqual(["12345", "12345", "6789a", "", "one", "two"]);
  });

  test("goes on at the bottom of the screen, where lines scroll away", () => {
    const { screen, block } = made({ rows: 4 });
    for (const line of ["1", "2", "3", "4", "5"]) {
      block.show(["one", `${line} pending`]);
      block.print(`${line}\n`);
    }
    expect(screen.lines).toEqual(["1", "2", "3", "4", "5", "", "one", "5 pending"]);
  });

  test("is cut to the width, so that no line breaks", () => {
    const { screen, block } = made({ columns: 10 });
    block.show(["0123456789", "012345678", "日本語日本語"]);
    block.show(["abcdefghijkl", "012345678", "日本語日本語"]);
    expect(screen.lines).toEqual(["", "abcdefgh…", "012345678", "日本語日…"]);
  });

  test("makes room for what others print, and leaves a line of theirs that is not whole", () => {
    const { print, screen, block } = made();
    block.show(["pending"]);
    print("hello\n");
    expect(screen.lines).toEqual(["hello", "", "pending"]);
    print("loading .");
    block.show(["pending, 2"]);
    print(".");
    expect(screen.lines).toEqual(["hello", "loading ..", "pending, 2"]);
    print(" done\n");
    expect(screen.lines).toEqual(["hello", "loading .. done", "", "pending, 2"]);
  });

  test.each([20, 4])("loses nothing of what others print and nobody tells of, on %i rows", (rows) => {
    const { screen, block } = made({ rows });
    for (let i = 1; i <= 5; i++) {
      block.show(["one", `${i} pending`]);
      screen.write(`child ${i}\nis at 0 %`);
      block.show(["one", `${i} is pending`]);
      screen.write(`\ris at 100 %\n`);
    }
    block.show([]);
    expect(screen.lines).toEqual([1, 2, 3, 4, 5].flatMap((i) => [`child ${i}`, "is at 100 %"]));
  });

  test("draws nothing while others print, also where that prints for good", () => {
    const { screen, block } = made();
    block.show(["pending"]);
    block.lift();
    block.lift();
    block.print("said\n");
    block.show(["pending, 2"]);
    block.lower();
    expect(screen.lines).toEqual(["said"]);
    block.lower();
    expect(screen.lines).toEqual(["said", "", "pending, 2"]);
  });

  test("sets no mode, and leaves the cursor where the next output goes", () => {
    const { screen, written, block } = made({ style: (line) => styled("dim", line) });
    block.show(["one", "two"]);
    block.print("said\n");
    expect(written.join("")).not.toContain("\x1b[?");
    expect(screen.cursor).toEqual({ row: 1, column: 0 });
  });
});

describe("the width of a line", () => {
  test.each([
    ["plain", 5],
    ["日本", 4],
    ["e\u0301", 1],
    ["🚀", 2],
    ["a\u200bb", 2],
    ["→…é", 3],
  ])("%s", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  test.each([
    ["plain", 5, "plain"],
    ["plain", 4, "pla…"],
    ["to be", 4, "to…"],
    ["日本語", 5, "日本…"],
    ["plain", 1, "…"],
    ["plain", 0, ""],
  ])("cuts %s to %i columns", (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected);
  });
});
