import {
  type ClusterState,
  decideMembership,
  type MembershipFacts,
  membershipRows,
  type Outage,
} from "../../../src/cluster/decide-membership.ts";
import { statuses } from "../../../src/statuses.ts";
import { testTable } from "../support/rows.ts";
import { refused } from "./facts.ts";

const online: ClusterState = { kind: "online", primaryHost: "mysql-0", gone: [], leaving: 0 };
const outage: Outage = {
  kind: "outage",
  clusterName: "rome",
  inSet: true,
  silent: [],
  force: false,
  best: "mysql-2",
  heldBack: false,
  rivals: [],
};
const baseline: MembershipFacts = {
  unit: "mysql/0",
  cluster: online,
  seed: "held",
  awaitsPrimary: false,
  job: { kind: "none" },
  wake: "other",
};

const lonely = { kind: "no-quorum", host: "mysql-0", lost: [], rivals: [] } as const;

testTable({ rows: membershipRows, decide: decideMembership, baseline }, [
  {
    row: "the cluster is on its way without the lost members",
    when: { cluster: lonely, job: { kind: "running", progress: "" } },
    then: "wait",
    status: statuses.restoringQuorum,
  },
  {
    row: "a restart runs",
    when: { cluster: outage, job: { kind: "running", progress: "Waiting" } },
    then: "wait",
    status: statuses.restartingCluster("Waiting"),
  },
  { row: "a restart ended", when: { cluster: outage, job: { kind: "ended" } }, then: "clear-job" },
  { row: "a restart failed but the cluster is there", when: { job: refused }, then: "clear-job" },
  {
    row: "the seed is gone",
    when: { cluster: { kind: "vacant" }, seed: "gone" },
    then: "take-seed",
  },
  {
    row: "members were removed",
    when: { cluster: { ...online, gone: ["mysql-3", "mysql-4"] } },
    then: "remove-gone",
    status: statuses.removingMember("mysql-3, mysql-4"),
  },
  {
    row: "a restart failed just now",
    when: { cluster: outage, job: refused, wake: "job-ended" },
    then: "wait",
    status: statuses.operationFailed("Joining: diverged"),
  },
  { row: "a restart failed before", when: { cluster: outage, job: refused }, then: "clear-job" },
  { row: "a restart failed before", when: { cluster: lonely, job: refused }, then: "clear-job" },
  {
    row: "all lost members are out or removed",
    when: { cluster: lonely },
    then: "force-quorum",
    status: statuses.restoringQuorum,
  },
  { row: "members take themselves out", when: { cluster: { ...online, leaving: 1 } }, then: "settled" },
  { row: "no outage", when: {}, then: "settled" },
  {
    row: "no outage",
    because: "a lost member can come back",
    when: { cluster: { kind: "no-quorum", host: "mysql-0", lost: ["mysql-1"], rivals: [] } },
    then: "settled",
  },
  {
    row: "no outage",
    because: "another cluster may have been made the primary meanwhile",
    when: { cluster: { kind: "no-quorum", host: "mysql-0", lost: [], rivals: ["lisbon"] } },
    then: "settled",
  },
  { row: "no outage", because: "nobody answered", when: { cluster: { kind: "unknown" } }, then: "settled" },
  {
    row: "no outage",
    because: "the seed is there to form the cluster, or was released",
    when: { cluster: { kind: "vacant" }, seed: "released" },
    then: "settled",
  },
  {
    row: "no outage",
    because: "a seed that went after it formed the cluster is not missed",
    when: { seed: "gone" },
    then: "settled",
  },
  {
    row: "standby is down before it was one",
    when: { cluster: { ...outage, inSet: false }, seed: "released", awaitsPrimary: true },
    then: "wait",
    status: statuses.setAwaited,
  },
  {
    row: "all members are down",
    because: "a cluster that is to follow, and has not given itself up yet",
    when: { cluster: { ...outage, inSet: false }, awaitsPrimary: true },
    then: "reboot",
    status: statuses.restartingCluster(""),
  },
  {
    row: "all members are down",
    because: "a cluster of a set that is to follow another",
    when: { cluster: outage, seed: "released", awaitsPrimary: true },
    then: "reboot",
    status: statuses.restartingCluster(""),
  },
  {
    row: "all members are down",
    because: "a cluster in no set that nobody is to set up",
    when: { cluster: { ...outage, inSet: false }, seed: "released" },
    then: "reboot",
    status: statuses.restartingCluster(""),
  },
  {
    row: "a person stopped it",
    when: { cluster: { ...outage, heldBack: true } },
    then: "stuck",
    status: statuses.keptOut,
  },
  {
    row: "members do not answer",
    when: { cluster: { ...outage, silent: ["mysql-1", "mysql-2"] } },
    then: "stuck",
    status: statuses.outageAwaits("mysql-1, mysql-2", "mysql/0"),
  },
  {
    row: "members have diverged",
    when: { cluster: { ...outage, best: "diverged" } },
    then: "stuck",
    status: statuses.outageDiverged,
  },
  {
    row: "another cluster may lead",
    when: { cluster: { ...outage, rivals: ["lisbon"] } },
    then: "stuck",
    status: statuses.outageSuperseded("lisbon", "mysql/0"),
  },
  {
    row: "all members are down",
    when: { cluster: outage },
    then: "reboot",
    status: statuses.restartingCluster(""),
  },
]);
