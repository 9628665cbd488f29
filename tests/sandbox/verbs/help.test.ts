// Help is told without a sandbox, of every verb, in 80 columns; and whoever asks for help changes nothing.
import { describe, expect, test } from "vitest";
import { verbs } from "../../../sandbox/verbs/all.ts";
import { help } from "../../../sandbox/verbs/help.ts";
import { helpAsked } from "../../../sandbox/verbs/index.ts";

const tooLong = (text: string): string[] => text.split("\n").filter((line) => line.length > 80);

describe("80 columns", () => {
  test.each([[[]], [["verbs"]], ...[...Object.keys(verbs), "destroy", "help"].map((verb) => [[verb]])])(
    "help %j",
    (words) => {
      const { code, text } = help(words);
      expect([code, tooLong(text)]).toEqual([0, []]);
    },
  );
});

test("every verb is in the overview and in the list", () => {
  for (const verb of Object.keys(verbs)) {
    expect(help([]).text).toMatch(new RegExp(`[ ,]${verb}(,|\\n)`));
    expect(help(["verbs"]).text).toMatch(new RegExp(`^  ${verb} `, "m"));
  }
});

test.each([
  [["help", "deploy"], "Usage: sandbox deploy"],
  [["deploy", "--help"], "Usage: sandbox deploy"],
  [["-m", "rome", "status", "-h"], "Usage: sandbox status"],
  [["destroy", "--help"], "Usage: sandbox destroy"],
  [["ssh", "--help"], "Usage: sandbox ssh"],
  [["--help"], "Usage: sandbox [-m <model>]"],
  [[], "Usage: sandbox [-m <model>]"],
])("%j is a question", (argv, start) => {
  const asked = helpAsked(argv);
  expect(asked?.code).toBe(0);
  expect(asked?.text.startsWith(start)).toBe(true);
});

test.each([[["status"]], [["ssh", "db/0", "df", "-h"]], [["exec", "--unit", "db/0", "--", "ls", "--help"]]])(
  "%j is none",
  (argv) => {
    expect(helpAsked(argv)).toBeUndefined();
  },
);

test("a verb that there is not is refused, with the one that was meant", () => {
  expect(help(["statsu"])).toEqual({
    code: 2,
    text: "ERROR unrecognized command: sandbox statsu; did you mean status? 'sandbox help' lists all verbs\n",
  });
  expect(help(["constructor"]).code).toBe(2);
});
