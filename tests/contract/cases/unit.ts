// What a unit says of itself and asks about itself: is-leader, leader-*, config-get, status-*, juju-log, application-version-set, juju-reboot.
import { type Case, misused, prints, printsJson, refused, rows, run, silent, step } from "../case.ts";

const told = rows(
  "leader",
  [
    ["config-get missing", silent, "an option that does not exist is nothing"],
    [
      "config-get port --all",
      misused('cannot use argument --all together with key "port"'),
      "--all takes no key",
    ],
    [
      "config-get --all --format json",
      printsJson({ fast: false, greeting: 'two words: "quoted"', port: 80, ratio: 0.5, title: null }),
      "--all shows what is not set as null",
    ],
    ["config-get -a --format json", prints(/"title":null/), "-a is --all"],
    [
      "config-get --format json",
      printsJson({ fast: false, greeting: 'two words: "quoted"', port: 80, ratio: 0.5 }),
      "otherwise only what is set or has a default",
    ],
    ["config-get ratio", prints("0.5\n"), "a fraction stays a number"],
  ],
  { needsCharm: true },
);

const statuses = rows("leader", [
  ["status-set", misused("invalid args, require <status> [message]"), "a status is to be given"],
  [
    "status-set great",
    misused('invalid status "great", expected one of [maintenance blocked waiting active]'),
    "an unknown status is refused",
  ],
  [
    "status-set error",
    misused('invalid status "error", expected one of [maintenance blocked waiting active]'),
    "error is Juju's own",
  ],
  ["application-version-set", misused("no version specified"), "a version is to be given"],
  ["juju-log", misused("no message specified"), "a message is to be given"],
  ["juju-log --debug hello world", silent, "words are joined"],
  ["juju-log -l WARNING careful", silent, "-l is --log-level"],
  ["juju-log --log-level NONSENSE careful", silent, "an unknown level is no error"],
  [["juju-log", "--", "--looks-like-a-flag"], silent, "-- ends the flags"],
]);

const follower = rows("follower", [
  ["is-leader", prints("False\n"), "another unit does not lead"],
  ["is-leader --format json", printsJson(false), "in JSON too"],
  [
    "status-set --application active",
    refused(/this unit is not the leader/),
    "only the leader speaks for the application",
  ],
  ["status-get --application", refused(/this unit is not the leader/), "or reads what it said"],
  ["application-version-set 1.2.3", silent, "any unit may tell the version"],
]);

export const unitCases: readonly Case[] = [
  ...told,
  ...statuses,
  ...follower,
  ...rows(
    "follower",
    [
      [
        "leader-set a=1",
        refused(/cannot write leadership settings: .*not the leader/),
        "only the leader sets",
      ],
    ],
    { until: 4 },
  ),
  ...rows("leader", [["leader-get a=b", misused('invalid key "a=b"'), "an assignment is no key"]], {
    until: 4,
  }),
  {
    shows: "leader-set is at once, and every unit reads it",
    until: 4,
    runs: [
      run("action", [step("leader-set colour=green")], { exit: 1, task: { status: "failed" } }),
      run("follower", [
        step("leader-get colour", prints("green\n")),
        step("leader-get --format json", prints(/"colour":"green"/)),
        step("leader-get missing --format json", printsJson(null)),
      ]),
    ],
  },
  {
    shows: "status-set is at once, also for a failed action; status-get is read once in a hook",
    runs: [
      run(
        "action",
        [
          step(["status-set", "maintenance", "before"]),
          step("status-get", prints("maintenance\n")),
          step(["status-set", "waiting", "for the end"]),
          step("status-get", prints("maintenance\n")),
        ],
        { exit: 1, task: { status: "failed" } },
      ),
      run("leader", [
        step("status-get", prints("waiting\n")),
        step("status-get --format json", printsJson({ status: "waiting" })),
        step(
          "status-get --include-data --format json",
          printsJson({ message: "for the end", status: "waiting", "status-data": {} }),
        ),
        step("status-set active"),
      ]),
    ],
  },
  {
    shows: "status-set --application: the leader's words, and those of all units beside them",
    runs: [
      run("leader", [step(["status-set", "--application", "blocked", "needs help"])]),
      run("leader", [
        step(
          "status-get --application --include-data --format json",
          prints(
            /"application-status":\{"message":"needs help","status":"blocked","status-data":\{\},"units":\{/,
          ),
        ),
        step("status-set --application active"),
      ]),
    ],
  },
  {
    shows: "juju-reboot is refused in an action",
    runs: [
      run("action", [step("juju-reboot", refused("juju-reboot is not supported when running an action."))], {
        task: { status: "completed" },
      }),
    ],
  },
];
