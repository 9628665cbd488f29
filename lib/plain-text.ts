// Text of any origin made fit for a terminal, a log and an argument list: nothing in it but what can be read.

/** C0 and C1 but for tab and newline, line and paragraph separators, and what turns the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
const unreadable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** The text without control characters; lines and tabs stay. At most `longest` UTF-16 units, then `…`. */
export function readable(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replaceAll("\r\n", "\n").replaceAll(unreadable, " ");
}

/** The same in one line. */
export function oneLine(text: string, longest: number): string {
  return readable(text, longest).replaceAll(/[\n\t]+/g, " ");
}
