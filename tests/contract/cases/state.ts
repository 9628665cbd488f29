// state-get, state-set, state-delete.
import { type Case, prints, printsJson, refused, run, silent, step } from "../case.ts";

const long = (bytes: number): string => "x".repeat(bytes);

export const stateCases: readonly Case[] = [
  {
    shows: "state: written, read in the same hook, merged, emptied, deleted, kept for the next",
    runs: [
      run("leader", [
        step("state-set a=1 b=2 c=3"),
        step("state-set --file -", silent, { stdin: "exact: ' x '" }),
        step("state-set b="),
        step("state-delete c"),
        step("state-delete never-there"),
        step("state-get a", prints("1\n")),
        step("state-get --format json", printsJson({ a: "1", exact: " x " })),
      ]),
      run("leader", [
        step("state-get", prints("a: \"1\"\nexact: ' x '\n")),
        step("state-get - --format json", printsJson({ a: "1", exact: " x " })),
        step("state-get missing"),
        step("state-get --strict missing", refused('"missing" not found')),
        step("state-delete a"),
        step("state-delete exact"),
      ]),
    ],
  },
  {
    shows: "state-set: sizes are limited",
    runs: [
      run("leader", [
        step(`state-set ${long(257)}=1`, refused("max allowed key length (256) exceeded")),
        step("state-set --file -", refused("max allowed value length (65536) exceeded"), {
          stdin: `big: ${long(65_537)}`,
        }),
      ]),
    ],
  },
  {
    shows: "state-set: an action that exits 1 leaves nothing",
    runs: [
      run("action", [step("state-set lost=1"), step("state-get lost", prints("1\n"))], {
        exit: 1,
        task: { status: "failed" },
      }),
      run("leader", [step("state-get lost")]),
    ],
  },
];
