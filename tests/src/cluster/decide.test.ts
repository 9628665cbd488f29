import { expect, test } from "vitest";
import { clusterRows, decideCluster, passing } from "../../../src/cluster/decide.ts";
import { statuses } from "../../../src/statuses.ts";
import { testTable } from "../support/rows.ts";
import { baseline, busy, fallen, member, open, outside, own, refused } from "./facts.ts";

testTable({ rows: clusterRows, decide: decideCluster, baseline }, [
  {
    row: "a join runs",
    when: { local: "unknown", job: { kind: "running", progress: "Stage FILE COPY" } },
    then: "wait",
    status: statuses.joining("Stage FILE COPY"),
  },
  {
    row: "server could not be asked",
    when: { local: "unknown", seed: true, target: open },
    then: "wait",
    status: statuses.unknown,
  },
  { row: "a join ended", when: { job: { kind: "ended" } }, then: "clear-job" },
  { row: "a join failed but this is a member", when: { job: refused }, then: "clear-job" },
  {
    row: "member has no label",
    when: { local: { ...member, labelled: false } },
    then: "set-label",
    status: statuses.labelling,
  },
  {
    row: "cluster has no ClusterSet",
    when: { local: { ...member, inSet: false } },
    then: "create-cluster-set",
    status: statuses.creatingSet("empire"),
  },
  { row: "member is online", when: {}, then: "settled" },
  {
    row: "member is online",
    because: "a secondary leaves the ClusterSet to the primary",
    when: { local: { ...member, inSet: false, primary: false } },
    then: "settled",
  },
  {
    row: "member catches up",
    when: { local: { ...member, member: "RECOVERING" } },
    then: "wait",
    status: statuses.recovering,
  },
  {
    row: "member catches up",
    because: "an interrupted join left it to itself",
    when: { local: { ...outside, member: "RECOVERING" }, target: open },
    then: "wait",
    status: statuses.recovering,
  },
  {
    row: "group has no quorum",
    when: { local: { ...member, quorum: false, labelled: false, readOnly: true } },
    then: "stuck",
    status: statuses.noQuorum("mysql/1"),
  },
  {
    row: "primary is read-only by mistake",
    when: { local: { ...member, readOnly: true } },
    then: "make-writable",
    status: statuses.makingWritable,
  },
  {
    row: "data is of another cluster",
    when: { local: { ...fallen, inCluster: "carthage" }, target: own },
    then: "stuck",
    status: statuses.foreignCluster("carthage"),
  },
  {
    row: "data is of another cluster",
    because: "a cluster of the same name is not the same cluster",
    when: { local: fallen, target: { ...own, same: false } },
    then: "stuck",
    status: statuses.foreignCluster("rome"),
  },
  {
    row: "member is kept out",
    when: { local: { ...fallen, heldBack: true }, target: own },
    then: "stuck",
    status: statuses.keptOut,
  },
  {
    row: "member looks for its group",
    when: { local: { ...fallen, member: "OFFLINE", starting: true }, target: own },
    then: "wait",
    status: statuses.comingBack,
  },
  {
    row: "cluster is started again",
    when: { local: fallen, target: own, restarting: true },
    then: "wait",
    status: statuses.restartingCluster(""),
  },
  {
    row: "member rejoins",
    because: "whoever starts the cluster again may have died",
    when: { local: fallen, target: own, restarting: true, wake: "update-status" },
    then: "start-rejoin",
    status: statuses.joining(""),
  },
  {
    row: "nobody has the cluster",
    when: { local: fallen, target: "unknown" },
    then: "wait",
    status: statuses.memberOffline("ERROR"),
  },
  {
    row: "nobody has the cluster",
    because: "a lone member is started again by the leader",
    when: { local: { ...fallen, member: "OFFLINE" } },
    then: "wait",
    status: statuses.memberOffline("OFFLINE"),
  },
  {
    row: "cluster has removed this member",
    when: { local: fallen, target: { ...own, listed: false } },
    then: "forget-cluster",
    status: statuses.joining(""),
  },
  {
    row: "server has what its cluster lacks",
    because: "a member",
    when: { local: fallen, target: { ...own, recovery: "diverged" } },
    then: "stuck",
    status: statuses.diverged,
  },
  {
    row: "server has what its cluster lacks",
    because: "a member that was removed, with data of its own",
    when: { local: fallen, target: { ...own, listed: false, recovery: "diverged" } },
    then: "stuck",
    status: statuses.diverged,
  },
  {
    row: "server has what its cluster lacks",
    because: "a server with data of its own",
    when: { local: outside, target: { ...open, recovery: "diverged" } },
    then: "stuck",
    status: statuses.diverged,
  },
  {
    row: "member rejoins",
    when: { local: fallen, target: own },
    then: "start-rejoin",
    status: statuses.joining(""),
  },
  {
    row: "member rejoins",
    because: "it counts among the nine already, and waits for no joiner",
    when: { local: fallen, target: { ...own, members: 9, ahead: ["mysql/0"] } },
    then: "start-rejoin",
    status: statuses.joining(""),
  },
  {
    row: "group has a member that its cluster lacks",
    when: { local: { ...outside, member: "ONLINE" }, target: open },
    then: "leave-group",
    status: statuses.joining(""),
  },
  {
    row: "leaves the ClusterSet that removed it",
    when: { local: { ...outside, member: "ONLINE" }, standbyOf: "removed" },
    then: "wait",
    status: statuses.clearingRemoved,
  },
  {
    row: "removed from its ClusterSet",
    when: { local: outside, seed: true, standbyOf: "removed" },
    then: "stuck",
    status: statuses.removedFromSet,
  },
  {
    row: "unit joins",
    because: "an application whose cluster is in a set with others can get another unit",
    when: { local: outside, target: open, standbyOf: "removed" },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "standby awaits its primary cluster",
    when: { local: outside, seedHeld: false, standbyOf: "awaited" },
    then: "wait",
    status: statuses.setAwaited,
  },
  {
    row: "seed forms the cluster",
    because: "a relation made early waits until the cluster that it is to take over stands",
    when: { local: outside, seed: true, standbyOf: "awaited" },
    then: "create-cluster",
    status: statuses.creatingCluster("rome"),
  },
  {
    row: "unit joins",
    because:
      "the other members come in before the leader releases the seed, or it would wait for them for ever",
    when: { local: outside, target: open, standbyOf: "awaited" },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "seed is in a group without a cluster",
    because:
      "who formed it was killed before the cluster was written down, and AdminAPI forms none in a group",
    when: { local: { ...outside, member: "ONLINE", primary: true, quorum: true }, seed: true },
    then: "leave-group",
    status: statuses.creatingCluster("rome"),
  },
  {
    row: "seed forms the cluster",
    when: { local: outside, seed: true },
    then: "create-cluster",
    status: statuses.creatingCluster("rome"),
  },
  { row: "no member to join", when: { local: outside }, then: "wait", status: statuses.firstMemberAwaited },
  {
    row: "no member could be asked",
    when: { local: outside, target: "unknown" },
    then: "wait",
    status: statuses.firstMemberAwaited,
  },
  {
    row: "cluster is full",
    when: { local: outside, target: { ...open, members: 9 } },
    then: "wait",
    status: statuses.clusterFull,
  },
  {
    row: "members do not know this host",
    when: { local: outside, target: { ...open, strangers: ["mysql/0", "mysql/2"] } },
    then: "wait",
    status: statuses.hostsAwaited("mysql/0, mysql/2"),
  },
  {
    row: "a join failed just now",
    when: { local: outside, target: open, job: refused, wake: "job-ended" },
    then: "wait",
    status: statuses.operationFailed("Joining: diverged"),
  },
  {
    row: "another operation was in the way",
    when: { local: outside, target: open, job: busy, wake: "job-ended" },
    then: "wait",
    status: statuses.clusterBusy,
  },
  { row: "a join failed before", when: { local: outside, target: open, job: refused }, then: "clear-job" },
  {
    row: "another unit joins first",
    when: { local: outside, target: { ...open, ahead: ["mysql/1"] } },
    then: "wait",
    status: statuses.queued("mysql/1"),
  },
  {
    row: "unit joins",
    when: { local: outside, target: open },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "eight members leave room for one",
    when: { local: outside, target: { ...open, members: 8 } },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "update-status does not queue",
    when: { local: outside, target: { ...open, ahead: ["mysql/1"] }, wake: "update-status" },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "a standby whose first member was added",
    when: { local: outside, target: open, standbyOf: "initialized" },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "a seed that lost its place joins the cluster that its peers are in",
    when: { local: outside, seed: true, target: open },
    then: "start-join",
    status: statuses.joining(""),
  },
]);

test("rows at rest that the charm looks at again are rows of the table", () => {
  const names = clusterRows.map(({ name }) => name);
  expect([...passing].filter((name) => !names.includes(name))).toEqual([]);
});
