// What all hook commands have in common: exit codes, flags, formats, output files.
import { type Case, misused, prints, printsJson, refused, rows, run, silent, step } from "../case.ts";

const flags = rows(
  "leader",
  [
    [
      "is-leader --nonsense",
      misused("option provided but not defined: --nonsense"),
      "an unknown flag is refused",
    ],
    ["is-leader -z", misused("option provided but not defined: -z"), "an unknown letter is refused"],
    [
      "is-leader --format",
      misused("option needs an argument: --format"),
      "a flag without its value is refused",
    ],
    ["is-leader word", misused('unrecognized args: ["word"]'), "a word too many is refused"],
    ["is-leader --format xml", misused(/unknown format "xml"/), "an unknown format is refused"],
    ["is-leader --help", prints(/^Usage: (juju )?is-leader/i), "help goes to standard output"],
    ["relation-list -r {source-number}", prints("{remote}\n"), "-r takes the number alone"],
    ["relation-list -r{source}", prints("{remote}\n"), "-r takes its value without a blank"],
    ["relation-list --relation {source}", prints("{remote}\n"), "the long flag takes the next word"],
    [
      "relation-list --relation={source} --app=false",
      prints("{remote}\n"),
      "values may follow an equals sign",
    ],
    ["relation-list --app=T -r {source}", prints("{remote-app}\n"), "booleans are read as Go does"],
    [
      "relation-list --app=maybe -r {source}",
      misused(/invalid (boolean )?value "maybe" for .*--app/),
      "other words are no booleans",
    ],
    ["relation-get -- unknown-key {remote}", misused(/no relation id specified/), "-- ends the flags"],
    ["relation-get unknown-key {remote} -r {source}", silent, "flags may follow words"],
  ],
  { needsCharm: true },
);

const formats = rows("leader", [
  ["is-leader", prints("True\n"), "smart prints Python's booleans"],
  ["is-leader --format smart", prints("True\n"), "smart can be asked for"],
  ["is-leader --format yaml", prints("true\n"), "yaml prints YAML"],
  ["is-leader --format=json", printsJson(true), "json prints JSON"],
]);

const shapes = rows(
  "leader",
  [
    ["config-get port", prints("80\n"), "a number"],
    ["config-get fast", prints("False\n"), "a boolean"],
    ["config-get greeting", prints('two words: "quoted"\n'), "smart prints a string as it is"],
    ["config-get greeting --format json", printsJson('two words: "quoted"'), "json quotes it"],
    ["config-get title", silent, "smart prints nothing for nothing"],
    ["config-get title --format yaml", silent, "yaml prints nothing for nothing"],
    ["config-get title --format json", printsJson(null), "json prints null for nothing"],
    ["relation-ids nothing --format json", printsJson([]), "an empty list is a list"],
    ["relation-ids nothing", silent, "smart prints an empty list as nothing"],
    [
      "config-get",
      prints("fast: false\ngreeting: 'two words: \"quoted\"'\nport: 80\nratio: 0.5\n"),
      "smart prints a map as YAML, sorted",
    ],
  ],
  { needsCharm: true },
);

export const commandLineCases: readonly Case[] = [
  ...flags,
  ...formats,
  ...shapes,
  {
    shows: "--output writes into a file of the caller's folder instead",
    runs: [
      run("leader", [
        step("is-leader --output told --format json"),
        step("cat told", prints("true\n")),
        step("is-leader -o told"),
        step("cat told", prints("True\n")),
      ]),
    ],
  },
  {
    shows: "a context that is over is refused",
    runs: [
      run("leader", [
        step(
          "env JUJU_CONTEXT_ID=gone/0-update-status-0 is-leader",
          refused(/^ERROR bad request: wrong context ID; got "gone\/0-update-status-0"/),
        ),
        step("env -u JUJU_CONTEXT_ID is-leader", refused("JUJU_CONTEXT_ID not set")),
      ]),
    ],
  },
];
