import { expect, test } from "vitest";
import { splitCommandLine } from "../../../platforms/windows/command_line.ts";

const cases: readonly [line: string, words: readonly string[]][] = [
  ["deno run main.ts", ["deno", "run", "main.ts"]],
  ['"C:\\Program Files\\deno.exe"  run\tmain.ts ', ["C:\\Program Files\\deno.exe", "run", "main.ts"]],
  ['C:\\"two words"\\deno.exe run', ["C:\\two words\\deno.exe", "run"]],
  ["deno", ["deno"]],
  ["", [""]],
  // https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments
  ['p "a b c" d e', ["p", "a b c", "d", "e"]],
  ['p "ab\\"c" "\\\\" d', ["p", 'ab"c', "\\", "d"]],
  ['p a\\\\\\b d"e f"g h', ["p", "a\\\\\\b", "de fg", "h"]],
  ['p a\\\\\\"b c d', ["p", 'a\\"b', "c", "d"]],
  ['p a\\\\\\\\"b c" d e', ["p", "a\\\\b c", "d", "e"]],
  ['p a"b"" c d', ["p", 'ab" c d']],
  ['p "" x', ["p", "", "x"]],
  ['p """a"', ["p", '"a']],
  ['p "a b\\\\" c', ["p", "a b\\", "c"]],
  ["p %PATH% ü€", ["p", "%PATH%", "ü€"]],
];

test.each(cases)("%s is %j", (line, words) => {
  expect(splitCommandLine(line)).toEqual(words);
});
