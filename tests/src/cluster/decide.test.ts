import { clusterRows, decideCluster } from "../../../src/cluster/decide.ts";
import { statuses } from "../../../src/statuses.ts";
import { testTable } from "../support/rows.ts";
import { baseline, busy, member, open, outside, refused } from "./facts.ts";

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
    row: "member is not in its group",
    when: { local: { ...member, member: "ERROR" } },
    then: "wait",
    status: statuses.memberOffline("ERROR"),
  },
  {
    row: "removed from its ClusterSet",
    when: { local: outside, seed: true, standbyOf: "removed" },
    then: "stuck",
    status: statuses.removedFromSet,
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
    row: "a join failed just now",
    because: "another operation held the lock",
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
