// What is taken for the rest of an addition that was cut short, and what is left alone.
import { expect, test } from "vitest";
import type { ServerView } from "../../../src/mysql/topology.ts";
import { judgeRemains } from "../../../src/replication/remains.ts";

const server = {
  version: "9.7.0",
  uuid: "uuid-9",
  host: "lisbon-0",
  superReadOnly: true,
  readOnly: true,
  gtidExecuted: "a:1-7",
  configured: true,
  metadata: true,
  halfMetadata: false,
  oldPasswords: false,
} as const;
const out = { uuid: "uuid-9", host: "lisbon-0", state: "OFFLINE", role: "", version: "9.7.0" } as const;
const member = { ...out, state: "ONLINE", role: "PRIMARY" } as const;
const other = { ...member, uuid: "uuid-8", host: "lisbon-1", role: "SECONDARY" } as const;
const listed = { clusterId: "id-lisbon", clusterName: "lisbon", instances: [], set: undefined } as const;
const set = {
  id: "id-set",
  domain: "empire",
  view: { generation: 0, number: 1 },
  role: "PRIMARY",
  invalidated: false,
  clusters: [],
} as const;
const record = { id: "id-lisbon", uuids: ["uuid-9"] } as const;
const theirs = { ...record, uuids: ["uuid-8"] } as const;

const free: ServerView = { server, member: out, group: [], metadata: "absent" };
const grouped: ServerView = { ...free, member, group: [member] };
const following: ServerView = { ...grouped, metadata: listed };

const cases: readonly (readonly [string, Parameters<typeof judgeRemains>, string])[] = [
  ["a server that was never touched", [undefined, free, false], "none"],
  ["a server with data of its own, which is the other side's to tell", [undefined, free, true], "none"],
  ["a record of a server that left its group", [record, free, false], "cut-short"],
  ["a record without instances", [{ ...record, uuids: [] }, free, false], "cut-short"],
  ["a group before the record", [undefined, grouped, false], "cut-short"],
  [
    "a group that could not be started",
    [undefined, { ...free, member: { ...out, state: "ERROR" } }, false],
    "cut-short",
  ],
  ["a group with the record", [record, grouped, false], "cut-short"],
  ["a server that follows already", [record, following, false], "cut-short"],
  ["a server that followed, and was restarted", [record, { ...free, metadata: listed }, false], "cut-short"],
  ["a server that follows, and whose record is gone", [undefined, following, false], "cut-short"],
  ["a record of a server that is offered no more", [theirs, free, false], "cut-short"],
  ["one, where the server that is offered now was begun, too", [theirs, grouped, false], "cut-short"],
  [
    "one, where this one follows under another record",
    [{ ...theirs, id: "id-other" }, following, false],
    "cut-short",
  ],
  ["one, where the server that is offered now has data of its own", [theirs, grouped, true], "foreign"],
  ["a record of two servers", [{ ...record, uuids: ["uuid-9", "uuid-8"] }, following, false], "foreign"],
  ["a group of two", [record, { ...following, group: [member, other] }, false], "foreign"],
  ["transactions of its own", [record, following, true], "foreign"],
  ["a group with transactions of its own", [undefined, grouped, true], "foreign"],
  ["another cluster of that name", [{ ...record, id: "id-other" }, following, false], "foreign"],
  ["a record without instances, of another", [{ id: "id-other", uuids: [] }, following, false], "foreign"],
  ["a cluster in a set", [record, { ...following, metadata: { ...listed, set } }, false], "foreign"],
];

test.each(cases)("%s", (_what, given, kind) => {
  expect(judgeRemains(...given)).toBe(kind);
});
