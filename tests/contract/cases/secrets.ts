// secret-add, -set, -get, -remove, -grant, -revoke, -info-get, -ids.
import { type Case, misused, prints, printsJson, refused, rows, run, step } from "../case.ts";

const nobody = "cj4s2k2vkqg2bn3h8e5g";

const words = rows("leader", [
  ["secret-add", misused("missing secret value or filename"), "content is to be given"],
  ["secret-add Ab=x", misused('key "Ab" not valid'), "keys are lower case"],
  ["secret-add ab=x", misused('key "ab" not valid'), "keys have three characters or more"],
  ["secret-add --rotate often key=x", misused('rotate policy "often" not valid'), "a policy has a name"],
  [
    "secret-add --expire soon key=x",
    misused('expire time or duration "soon" not valid'),
    "a time is a time or a duration",
  ],
  ["secret-add --expire -1h key=x", misused("negative expire duration"), "and not past"],
  [
    "secret-add --owner nobody key=x",
    misused('secret owner "nobody" not valid'),
    "the owner is the unit or the application",
  ],
  ["secret-get", misused("require either a secret URI or label"), "a secret is to be named"],
  ["secret-get nonsense", misused('secret URI "nonsense" not valid'), "by a URI"],
  [
    "secret-get secret:nonsense",
    misused('secret URI "secret:nonsense" not valid'),
    "with an id of 20 letters and digits",
  ],
  [
    `secret-get ${nobody} --peek --refresh`,
    misused("specify one of --peek or --refresh but not both"),
    "one way at a time",
  ],
  [
    `secret-get secret:${nobody}`,
    refused(/secret "cj4s2k2vkqg2bn3h8e5g" not found/),
    "one that does not exist is not found",
  ],
  ["secret-get --label nothing", refused('consumer label "nothing" not found'), "nor is a label"],
  [
    `secret-info-get ${nobody}`,
    refused(/secret "cj4s2k2vkqg2bn3h8e5g" not found/),
    "there is no information either",
  ],
  [
    `secret-info-get ${nobody} --label x`,
    misused("specify either a secret URI or label but not both"),
    "one name is enough",
  ],
  [`secret-grant ${nobody}`, misused("no relation id specified"), "a grant goes through a relation"],
  [`secret-revoke ${nobody}`, misused("missing relation or application or unit"), "somebody is to be named"],
  [
    `secret-revoke ${nobody} --app a --unit a/0`,
    misused("specify only one of application or unit"),
    "but not both",
  ],
]);

const uri = /^secret:\/\/[0-9a-f-]{36}\/[0-9a-z]{20}\n$/;

export const secretCases: readonly Case[] = [
  ...words,
  ...rows(
    "leader",
    [
      [
        `secret-revoke ${nobody} -r {source} --app a`,
        misused("do not specify both relation and app"),
        "a relation has one application",
      ],
      [
        `secret-grant ${nobody} -r {source} --unit stranger/0`,
        misused('cannot specify unit "stranger/0" in relation to application "{remote-app}"'),
        "a unit is one of the relation",
      ],
    ],
    { needsCharm: true },
  ),
  ...rows("follower", [
    [
      "secret-add key=x",
      refused("this unit is not the leader"),
      "the application's secrets are the leader's",
    ],
  ]),
  {
    shows: "a secret of the application: made, read by every unit through its label, changed, removed",
    runs: [
      run("leader", [
        step(
          "secret-add --label shared --description Why --rotate never user=ada word#base64=aHVzaA==",
          prints(uri),
          { as: "new" },
        ),
        step("secret-get {new} --format json", printsJson({ user: "ada", word: "hush" })),
        step("secret-get {new} word", prints("hush\n")),
        step("secret-get {new} word#base64", prints("aHVzaA==\n")),
        step("secret-add --label shared other=1", refused('secret with label "shared" already exists')),
      ]),
      run("follower", [
        step("secret-get --label shared", prints("user: ada\nword: hush\n")),
        step("secret-info-get --label shared", refused(/secret "shared" not found/)),
      ]),
      run("leader", [
        step("secret-ids", prints(/^- [0-9a-z]{20}\n/), { as: "id" }),
        step(
          "secret-info-get --label shared --format json",
          prints(
            /^\{"[0-9a-z]{20}":\{"revision":1,"label":"shared","owner":"application","description":"Why","rotation":"never"\}\}\n$/,
          ),
        ),
      ]),
    ],
  },
  {
    shows: "revisions: a reader keeps what it tracks, peeks at the newest, and refreshes to it",
    runs: [
      run("leader", [step("secret-add --label revised key=one", prints(uri), { as: "uri" })]),
      run("follower", [step("secret-get --label revised", prints("key: one\n"))]),
      run("leader", [
        step("secret-set {uri} key=two"),
        step("secret-get {uri} key", prints("one\n")),
        step("secret-get {uri} key --peek", prints("two\n")),
      ]),
      run("follower", [
        step("secret-get {uri} key", prints("one\n")),
        step("secret-get {uri} key --peek", prints("two\n")),
        step("secret-get {uri} key", prints("one\n")),
        step("secret-get {uri} key --refresh", prints("two\n")),
        step("secret-get {uri} key", prints("two\n")),
        step("secret-set {uri} key=three", refused(/permission denied/)),
      ]),
      run("leader", [step("secret-remove {uri}")]),
      run("follower", [step("secret-get {uri}", refused(/secret "[0-9a-z]{20}" not found/))]),
    ],
  },
  {
    shows:
      "secret-set: the last content counts, other settings are merged, an unchanged content is no new revision",
    runs: [
      run("leader", [
        step("secret-add --label merged --description First one=1 two=2", prints(uri), { as: "uri" }),
      ]),
      run("leader", [
        step("secret-set {uri} --description Second"),
        step("secret-set {uri} two=3"),
        step("secret-set {uri} two=4"),
      ]),
      run("leader", [
        step("secret-get {uri} --refresh --format json", printsJson({ two: "4" })),
        step("secret-info-get {uri} --format json", prints(/"description":"Second"/)),
        step("secret-info-get {uri} --format json", prints(/"revision":2/)),
        step("secret-set {uri} two=4"),
      ]),
      run("leader", [
        step("secret-info-get {uri} --format json", prints(/"revision":2/)),
        step("secret-remove {uri}"),
      ]),
    ],
  },
  {
    shows: "a unit's own secret is nobody else's",
    runs: [
      run("follower", [step("secret-add --owner unit --label private key=mine", prints(uri))]),
      run("follower", [step("secret-get --label private", prints("key: mine\n"))]),
      run("leader", [step("secret-get --label private", refused('consumer label "private" not found'))]),
    ],
  },
  {
    shows: "secret-add: an action that exits 1 leaves nothing",
    runs: [
      run(
        "action",
        [
          step("secret-add --label lost key=x", prints(uri)),
          step("secret-get --label lost", prints("key: x\n")),
        ],
        {
          exit: 1,
          task: { status: "failed" },
        },
      ),
      run("leader", [step("secret-get --label lost", refused('consumer label "lost" not found'))]),
    ],
  },
];
