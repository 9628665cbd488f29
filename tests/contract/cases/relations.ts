// relation-ids, relation-list, relation-get, relation-set, relation-model-get.
import { type Case, misused, prints, printsJson, refused, rows, run, silent, step } from "../case.ts";

const onLeader = rows(
  "leader",
  [
    ["relation-ids friends", prints("{friends}\n"), "ids are endpoint:number, one a line"],
    ["relation-ids source --format json", printsJson(["{source}"]), "json is a list"],
    [
      "relation-ids",
      misused("no endpoint name specified"),
      "outside of a relation hook the endpoint is to be named",
    ],
    ["relation-list -r {friends}", prints("{friend}\n"), "peers without the unit itself"],
    ["relation-list -r {source} --format json", printsJson(["{remote}"]), "json is a list"],
    [
      "relation-list -r {source} --app --format json",
      printsJson("{remote-app}"),
      "--app names the other application",
    ],
    ["relation-list -r {friends} --app", prints("{app}\n"), "of peers that is the own one"],
    [
      "relation-list",
      misused("no relation id specified"),
      "outside of a relation hook the id is to be given",
    ],
    [
      "relation-list -r source:999",
      misused('invalid value "source:999" for option -r: relation not found'),
      "an unknown id is refused",
    ],
    [
      "relation-list --relation 999",
      misused('invalid value "999" for option --relation: relation not found'),
      "naming the flag as it was given",
    ],
    [
      "relation-list -r source:x",
      misused('invalid value "source:x" for option -r: invalid relation id'),
      "what is no number is refused",
    ],
    [
      "relation-get -r {source} --format json - {unit}",
      prints(/"ingress-address":"/),
      "the own unit's data: Juju put addresses in",
    ],
    ["relation-get -r {source} ingress-address {remote}", prints(/^\S+\n$/), "one key of a remote unit"],
    ["relation-get -r {source} nothing {remote}", silent, "a key that is not there is nothing, and no error"],
    ["relation-get -r {source} nothing {remote} --format json", printsJson(null), "or null"],
    [
      "relation-get -r {source} --app - {remote} --format json",
      printsJson({}),
      "with --app a unit stands for its application",
    ],
    [
      "relation-get -r {source} - {remote-app}",
      misused('expected unit name, got application name "{remote-app}"'),
      "an application needs --app",
    ],
    [
      "relation-get -r {source} - No_Unit",
      misused('invalid unit name "No_Unit"'),
      "what is no unit's name is refused",
    ],
    [
      "relation-get -r {source}",
      misused("no unit or application specified"),
      "outside of a relation hook the owner is to be named",
    ],
    ["relation-set -r {source}", silent, "setting nothing is fine"],
    [
      "relation-set -r {source} word",
      misused('expected "key=value", got "word"'),
      "a word without = is refused",
    ],
    [
      "relation-set -r {source} a=1 a=2",
      misused('key "a" specified more than once'),
      "a key twice is refused",
    ],
    [
      "relation-set a=1",
      misused("no relation id specified"),
      "outside of a relation hook the id is to be given",
    ],
    [
      "relation-set -r {source} --file missing",
      refused(/open .*missing: no such file or directory/),
      "a file that is missing is named",
    ],
    [
      "relation-set -r {source} --file -",
      refused(/unmarshal/),
      "a value that is no string is refused",
      "a: [1]",
    ],
    ["relation-model-get -r {source}", prints("uuid: {model-uuid}\n"), "in one model it is the own one"],
    ["relation-model-get -r {source} --format json", printsJson({ uuid: "{model-uuid}" }), "json is a map"],
  ],
  { needsCharm: true },
);

const onFollower = rows(
  "follower",
  [
    [
      "relation-set -r {source} --app a=1",
      refused("cannot write relation settings"),
      "only the leader writes for the application",
    ],
    [
      "relation-get -r {source} --app - {app}",
      refused(/^ERROR permission denied/),
      "or reads what it wrote there",
    ],
    [
      "relation-get -r {friends} --app - {app} --format json",
      prints(/^\{.*\}\n$/),
      "but of a peer relation every unit does",
    ],
  ],
  { needsCharm: true },
);

export const relationCases: readonly Case[] = [
  ...onLeader,
  ...onFollower,
  {
    shows: "relation-set: what a hook writes it reads at once, trimmed from words and exact from a file",
    needsCharm: true,
    runs: [
      run("leader", [
        step(["relation-set", "-r", "{friends}", "plain= a b ", "gone=1"]),
        step("relation-set -r {friends} --file -", silent, { stdin: "exact: ' a b '\nplain2: \"x\"\n" }),
        step("relation-set -r {friends} --file - plain2=argument", silent, { stdin: '{"plain2":"file"}' }),
        step("relation-set -r {friends} gone="),
        step("relation-get -r {friends} plain {unit} --format json", printsJson("a b")),
        step("relation-get -r {friends} exact {unit} --format json", printsJson(" a b ")),
        step("relation-get -r {friends} plain2 {unit}", prints("argument\n")),
        step("relation-get -r {friends} gone {unit} --format json", printsJson(null)),
      ]),
      run("follower", [
        step("relation-get -r {friends} exact {friend} --format json", printsJson(" a b ")),
        step("relation-get -r {friends} gone {friend} --format json", printsJson(null)),
      ]),
    ],
  },
  {
    shows: "relation-set --app: the leader's words reach every peer, and reading them needs no lead there",
    needsCharm: true,
    runs: [
      run("leader", [
        step("relation-set -r {friends} --app motto=onward"),
        step("relation-get -r {friends} --app motto {app}", prints("onward\n")),
      ]),
      run("follower", [step("relation-get -r {friends} --app motto {app}", prints("onward\n"))]),
    ],
  },
  {
    shows: "relation-set: an action that exits 1 leaves nothing",
    needsCharm: true,
    runs: [
      run(
        "action",
        [
          step("relation-set -r {friends} lost=yes"),
          step("relation-get -r {friends} lost {unit}", prints("yes\n")),
        ],
        { exit: 1, task: { status: "failed" } },
      ),
      run("leader", [step("relation-get -r {friends} lost {unit} --format json", printsJson(null))]),
    ],
  },
  {
    shows: "in a relation hook the relation and its remote unit go without saying",
    needsCharm: true,
    runs: [
      run("relation-changed", [
        step("relation-ids", prints("{source}\n")),
        step("relation-list", prints("{remote}\n")),
        step("relation-get nudge", prints(/^\d+\n$/)),
        step("relation-get --app --format json", printsJson({})),
        step("relation-get --format json - {unit}", prints(/"ingress-address":"/)),
        step("relation-set answered=yes"),
        step("relation-get answered {unit}", prints("yes\n")),
        step("relation-list -r {friends}", prints("{friend}\n")),
      ]),
      run("leader", [step("relation-get -r {source} answered {unit}", prints("yes\n"))]),
    ],
  },
];
