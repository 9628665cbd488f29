// What the machine and the model offer: storage, ports, network, goal state, resources, credentials, payloads.
import { type Case, misused, prints, printsJson, refused, rows, run, step } from "../case.ts";

const storage = rows(
  "leader",
  [
    ["storage-list", prints("{storage}\n"), "all attached storage"],
    ["storage-list data --format json", printsJson(["{storage}"]), "of one name"],
    ["storage-list nothing --format json", printsJson([]), "of a name that is not there: none"],
    [
      "storage-get -s {storage} --format json",
      printsJson({ kind: "filesystem", location: "/srv/hook-commands" }),
      "kind and place",
    ],
    ["storage-get -s {storage} location", prints("/srv/hook-commands\n"), "one attribute"],
    [
      "storage-get -s {storage} colour",
      refused('invalid storage attribute "colour"'),
      "an attribute that there is not",
    ],
    ["storage-get", misused("no storage instance specified"), "outside of a storage hook it is to be named"],
    [
      "storage-get -s data",
      misused('invalid value "data" for option -s: invalid storage ID "data"'),
      "by its whole id",
    ],
    ["storage-add", misused("storage add requires a storage directive"), "storage is to be named"],
    [
      "storage-add data=big",
      misused('only count can be specified for "data"'),
      "a number is all that can be asked for",
    ],
  ],
  { needsCharm: true },
);

const network = rows(
  "leader",
  [
    ["network-get", misused("no arguments specified"), "a binding is to be named"],
    ["network-get nothing", refused('no network config found for binding "nothing"'), "one that there is"],
    ["network-get admin --bind-address", prints("{address}\n"), "an extra binding has an address"],
    ["network-get friends --primary-address", prints("{address}\n"), "the address alone"],
    [
      "network-get friends --primary-address --bind-address",
      misused("--primary-address must be the only flag specified"),
      "--primary-address stands alone",
    ],
    ["network-get friends --ingress-address --format json", printsJson("{address}"), "one flag: its value"],
    [
      "network-get friends --bind-address --egress-subnets --format json",
      printsJson({ "bind-address": "{address}", "egress-subnets": ["{address}/32"] }),
      "several: a map",
    ],
    ["network-get source -r {source} --ingress-address", prints("{address}\n"), "as a relation sees it"],
    [
      "network-get friends --format json",
      prints(
        /^\{"bind-addresses":\[\{"mac-address":"[0-9a-f:]*","interface-name":"[\w-]+","addresses":\[\{"hostname":"[\w.-]*","value":"[\w.:]+","cidr":"[\w.:/]+"\}\]\}\],"egress-subnets":\["[\w.:/]+"\],"ingress-addresses":\["[\w.:]+"\]\}\n$/,
      ),
      "everything, in the order of the fields",
    ],
    ["unit-get", misused("no setting specified"), "a setting is to be named"],
    ["unit-get colour", misused('unknown setting "colour"'), "one of two"],
    ["unit-get private-address", prints("{address}\n"), "the address within the model"],
  ],
  { needsCharm: true },
);

const rest = rows("leader", [
  ["open-port", misused("no port or range specified"), "a port is to be named"],
  ["open-port 90-80", misused(/invalid port range 90-80\/tcp/), "a range goes upwards"],
  ["open-port 0", misused(/port range bounds must be between 1 and 65535/), "ports go from 1"],
  ["open-port 80/sctp", misused(/invalid protocol "sctp"/), "over tcp or udp"],
  ["resource-get", misused("missing required resource name"), "a resource is to be named"],
  ["resource-get nothing", refused(/could not download resource/), "one that the charm declares"],
  [
    "credential-get",
    refused("cannot access cloud credentials: permission denied"),
    "without juju trust there are none",
  ],
]);

export const machineCases: readonly Case[] = [
  ...storage,
  ...network,
  ...rest,
  ...rows(
    "leader",
    [
      ["payload-register one", misused(/missing required arguments/), "payloads need all arguments"],
      ["payload-unregister one", misused(/missing required arguments/), "to forget one too"],
      ["payload-status-set one two", misused(/missing required arguments/), "or to tell its status"],
      [
        "payload-status-set kind one running",
        refused(/payload "\w+" not found in metadata.yaml/),
        "the charm declares payloads",
      ],
      ["add-metric a=1", refused(/metrics not allowed in this context/), "metrics are for their own hook"],
    ],
    { until: 4 },
  ),
  {
    shows: "ports: opened, listed with what is pending, in conflict, closed, by endpoint",
    needsCharm: true,
    runs: [
      run("leader", [
        step("open-port 8080"),
        step("open-port 9000-9010/udp"),
        step("open-port icmp"),
        step("open-port 8080"),
        step(
          "open-port 8075-8085",
          refused(
            'cannot open 8075-8085/tcp (unit "{unit}"): port range conflicts with 8080/tcp (unit "{unit}")',
          ),
        ),
        step("opened-ports", prints("icmp\n8080/tcp\n9000-9010/udp\n")),
      ]),
      run("leader", [
        step("opened-ports --format json", printsJson(["icmp", "8080/tcp", "9000-9010/udp"])),
        step("close-port 8080/tcp"),
        step("close-port icmp"),
        step("close-port 9000-9010/udp"),
        step("open-port --endpoints source,friends 7000"),
        step("opened-ports --endpoints", prints("7000/tcp (friends, source)\n")),
        step("close-port --endpoints source,friends 7000"),
      ]),
      run("leader", [step("opened-ports")]),
    ],
  },
  {
    shows: "open-port: an action that exits 1 leaves nothing",
    needsCharm: true,
    runs: [
      run("action", [step("open-port 4444")], { exit: 1, task: { status: "failed" } }),
      run("leader", [step("opened-ports --format json", printsJson([]))]),
    ],
  },
  {
    shows: "goal-state: the units to be, and those at the other ends of relations",
    needsCharm: true,
    runs: [
      run("leader", [
        step(
          "goal-state --format json",
          prints(
            /^\{"units":\{("[\w/-]+":\{"status":"\w+","since":"[^"]+"\},?){2}\},"relations":\{"source":\{"[\w-]+":\{"status":"joined","since":"[^"]*"\},"[\w/-]+":\{"status":"\w+","since":"[^"]+"\}\}\}\}\n$/,
          ),
        ),
        step("goal-state", prints(/^units:\n {2}[\w-]+\/\d:\n {4}status: \w+\n/)),
        step("goal-state word", misused('unrecognized args: ["word"]')),
      ]),
    ],
  },
];
