// Facts of a unit and its cluster that the tests of the cluster's table start from.
import type { ClusterFacts, JoinTarget, LocalFacts } from "../../../src/cluster/decide.ts";
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";

export const member: LocalFacts = {
  member: "ONLINE",
  cluster: "present",
  labelled: true,
  inSet: true,
  primary: true,
};
export const outside: LocalFacts = {
  member: "OFFLINE",
  cluster: "absent",
  labelled: false,
  inSet: false,
  primary: false,
};
export const open: JoinTarget = {
  primaryHost: "mysql-0",
  members: 1,
  recoveryMethod: "incremental",
  strangers: [],
  ahead: [],
};
export const busy: JobOutcome = { kind: "failed", reason: "busy", what: "Joining: locked" };
export const refused: JobOutcome = { kind: "failed", reason: "data-diverged", what: "Joining: diverged" };

export const baseline: ClusterFacts = {
  label: "mysql-1",
  clusterName: "rome",
  setName: "empire",
  seed: false,
  seedHeld: true,
  local: member,
  standbyOf: "none",
  target: "none",
  job: { kind: "none" },
  wake: "other",
};
