import { expect, test } from "vitest";
import { watchOutput } from "../../cli/_other_output.ts";

class Stream {
  written: unknown[] = [];
  write(chunk: unknown, encoding?: string, done?: () => void): boolean {
    if (chunk === "fail") throw new Error("no way");
    this.written.push(chunk, encoding);
    done?.();
    return false;
  }
}

function watched(streams: object[], console: object = {}) {
  const told: string[] = [];
  const undo = watchOutput({ streams, console }, {
    before: () => told.push("before"),
    after: () => told.push("after"),
  });
  return { told, undo };
}

test("calls before and after each write, which is passed on unchanged", () => {
  const stream = new Stream();
  const { told, undo } = watched([stream]);
  let done = false;
  expect(stream.write("a\n", "utf8", () => done = true)).toBe(false);
  expect([stream.written, done]).toEqual([["a\n", "utf8"], true]);
  expect(() => stream.write("fail")).toThrow("no way");
  expect(told).toEqual(["before", "after", "before", "after"]);
  undo();
  expect(Object.hasOwn(stream, "write")).toBe(false);
  stream.write("unseen");
  expect(told).toHaveLength(4);
});

test("watches the console too, and puts its methods back", () => {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const console = { log };
  const { told, undo } = watched([], console);
  console.log("hello");
  expect([lines, told]).toEqual([["hello"], ["before", "after"]]);
  undo();
  expect(console).toEqual({ log });
});

test("leaves a later wrapper in its place, and only passes calls on below it", () => {
  const stream = new Stream();
  const { told, undo } = watched([stream]);
  const ours = stream.write;
  const theirs = (chunk: unknown) => ours.call(stream, chunk);
  stream.write = theirs;
  undo();
  stream.write("a\n");
  expect(stream.write).toBe(theirs);
  expect([stream.written, told]).toEqual([["a\n", undefined], []]);
});

test("leaves alone a method that cannot be wrapped", () => {
  const console = Object.freeze({ log: () => 5 });
  const { told, undo } = watched([{}], console);
  expect(console.log()).toBe(5);
  undo();
  expect(told).toEqual([]);
});
