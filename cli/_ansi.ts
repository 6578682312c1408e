/**
 * Styles of a terminal, and how many columns a text takes on it.
 * @module
 */

// https://man7.org/linux/man-pages/man4/console_codes.4.html: what begins each, and what ends it.
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/** How a piece of text is shown. */
export type Style = keyof typeof CODES;

/** The text in a style. */
export function styled(style: Style, text: string): string {
  const [begin, end] = CODES[style];
  return `\x1b[${begin}m${text}\x1b[${end}m`;
}

const NONE = /^[\p{Mark}\p{Cf}]$/u;
// East Asian letters and emoji, which take two columns.
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

/** How many columns a line takes, which is in no style and has no control characters. */
export function widthOf(line: string): number {
  let width = 0;
  for (const char of line) width += widthOfOne(char);
  return width;
}

/** The line, or as much of it as `columns` have room for, with an ellipsis then. */
export function cut(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let width = 0;
  let text = "";
  for (const char of line) {
    width += widthOfOne(char);
    if (width > columns - 1) break;
    text += char;
  }
  return columns > 0 ? `${text.trimEnd()}…` : "";
}

function widthOfOne(char: string): number {
  // The most by far.
  if (char >= " " && char <= "~") return 1;
  return NONE.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}
