// action-get, action-set, action-fail, action-log.
import { type Case, misused, prints, printsJson, refused, run, step } from "../case.ts";

const notRunning = "not running an action";

export const actionCases: readonly Case[] = [
  // A hook, not a command line: what juju exec runs is an action to Juju.
  {
    shows: "only an action has parameters, results and a log, and only an action can fail",
    needsCharm: true,
    runs: [
      run("relation-changed", [
        step("action-get", refused(notRunning)),
        step("action-fail", refused(notRunning)),
        step("action-log hello", refused(notRunning)),
        step("action-set a=1", refused(notRunning)),
      ]),
    ],
  },
  {
    shows: "action-get: all parameters, one, one within another, none",
    needsCharm: true,
    runs: [
      run(
        "action",
        [
          step("action-get level", prints("3\n")),
          step("action-get level --format json", printsJson(3)),
          step("action-get missing --format json", printsJson(null)),
          step("action-get level.deeper --format json", printsJson(null)),
          step("action-get --format json", prints(/^\{"level":3,"script":"[\w+/=]+"\}\n$/)),
        ],
        { task: { status: "completed" } },
      ),
    ],
  },
  {
    shows: "action-set: nested results, the last word counts, bad keys are refused",
    needsCharm: true,
    runs: [
      run(
        "action",
        [
          step(["action-set", "a.b= x ", "a.c=2", "leaf=1"]),
          step("action-set leaf.inner=1"),
          step("action-set word", misused('argument "word" must be of the form key...=value')),
          step(
            "action-set Bad=1",
            misused(
              'key "Bad" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods',
            ),
          ),
          step("action-set stdout=1", misused('cannot set reserved action key "stdout"')),
          step("action-log a-word"),
          step("action-log", misused("no message specified")),
        ],
        { task: { status: "completed", results: { a: { b: " x ", c: "2" }, leaf: { inner: "1" } } } },
      ),
    ],
  },
  {
    shows:
      "action-fail: the action fails with its message, its results stay, and what it wrote is kept when it exits 0",
    needsCharm: true,
    runs: [
      run(
        "action",
        [
          step("action-set done=half"),
          step(["action-fail", "no more"]),
          step("relation-set -r {friends} failed=kept"),
        ],
        { task: { status: "failed", message: "no more", results: { done: "half" } } },
      ),
      run("leader", [step("relation-get -r {friends} failed {unit}", prints("kept\n"))]),
    ],
  },
  {
    shows: "action-fail: without a message it says that there is none",
    needsCharm: true,
    runs: [
      run("action", [step("action-fail")], {
        task: { status: "failed", message: "action failed without reason given, check action for errors" },
      }),
    ],
  },
  {
    shows: "an action whose script exits 2 has failed, and its results stay",
    needsCharm: true,
    runs: [
      run("action", [step("action-set done=half")], {
        exit: 2,
        task: { status: "failed", message: "exit status 2", results: { done: "half" } },
      }),
    ],
  },
];
