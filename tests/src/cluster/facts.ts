// Facts of a unit and its cluster that the tests of the cluster's table start from.
import type { ClusterFacts, JoinTarget, LocalFacts } from "../../../src/cluster/facts.ts";
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";

export const member: LocalFacts = {
  member: "ONLINE",
  cluster: "present",
  inCluster: "rome",
  labelled: true,
  inSet: true,
  primary: true,
  quorum: true,
  readOnly: false,
  starting: false,
  heldBack: false,
  leftovers: false,
  halfInSet: false,
  administered: false,
  writable: false,
};
export const outside: LocalFacts = {
  member: "OFFLINE",
  cluster: "absent",
  inCluster: "",
  labelled: false,
  inSet: false,
  primary: false,
  quorum: false,
  readOnly: false,
  starting: false,
  heldBack: false,
  leftovers: false,
  halfInSet: false,
  administered: false,
  writable: false,
};
/** A member that fell out of its group. */
export const fallen: LocalFacts = { ...member, member: "ERROR", primary: false, quorum: false };
export const open: JoinTarget = {
  primaryHost: "mysql-0",
  members: 1,
  recovery: "incremental",
  same: true,
  listed: false,
  strangers: [],
  ahead: [],
};
export const busy: JobOutcome = { kind: "failed", reason: "busy", what: "Joining: locked" };
export const refused: JobOutcome = { kind: "failed", reason: "data-diverged", what: "Joining: diverged" };

export const baseline: ClusterFacts = {
  unit: "mysql/1",
  label: "mysql-1",
  clusterName: "rome",
  setName: "empire",
  seed: false,
  seedHeld: true,
  local: member,
  standbyOf: "none",
  target: "none",
  job: { kind: "none" },
  restarting: false,
  wake: "other",
};

/** The own cluster, without this member in its group. */
export const own: JoinTarget = { ...open, members: 2, listed: true };
