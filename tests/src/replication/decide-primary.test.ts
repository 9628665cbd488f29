import { decidePrimary, primaryRows } from "../../../src/replication/decide-primary.ts";
import { statuses } from "../../../src/statuses.ts";
import { testTable } from "../support/rows.ts";
import { baseline, before, failed, offer, own, shared, sharedBefore } from "./primary-facts.ts";

testTable({ rows: primaryRows, decide: decidePrimary, baseline }, [
  { row: "own cluster could not be asked", when: { own: "unknown" }, then: "wait", status: statuses.unknown },
  { row: "own cluster is not formed", when: { own: "forming" }, then: "wait" },
  {
    row: "own cluster is not formed",
    because: "it founds its set first",
    when: { own: { ...own, setName: undefined, role: "alone" } },
    then: "wait",
  },
  {
    row: "own cluster is invalidated",
    when: { own: { ...own, invalidated: true } },
    then: "stuck",
    status: statuses.invalidated("rome"),
  },
  {
    row: "standby was refused before",
    when: { shared: { ...shared, "is-replica": "true" } },
    then: "withdraw-refusal",
  },
  {
    row: "standby shares nothing",
    when: { own: { ...own, role: "replica" }, shared: {} },
    then: "refuse-as-replica",
  },
  {
    row: "standby cannot lead",
    when: { own: { ...own, role: "replica" }, shared: { "is-replica": "true" } },
    then: "stuck",
    status: statuses.standbyCannotLead("lisbon"),
  },
  {
    row: "the other side leads",
    because: "after a switchover",
    when: { own: { ...own, role: "replica" } },
    then: "settled",
  },
  {
    row: "nothing is shared yet",
    when: { ...before, shared: {}, secret: "none", remote: { kind: "absent" } },
    then: "share",
    status: statuses.settingUp,
  },
  { row: "shared passwords are old", when: { secret: "stale" }, then: "refresh-secret" },
  {
    row: "shared secret could not be read",
    when: { ...before, secret: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "remote databag is refused",
    when: { ...before, remote: { kind: "invalid", field: "cluster-name", reason: "must be a name" } },
    then: "stuck",
    status: statuses.badRemote("lisbon", "cluster-name", "must be a name"),
  },
  {
    row: "remote holds user data",
    when: { ...before, remote: { kind: "value", value: { "user-data-found": "true" } } },
    then: "wait",
    status: statuses.standbyAwaited("lisbon"),
  },
  {
    row: "remote offers no instance yet",
    when: { ...before, remote: { kind: "absent" } },
    then: "wait",
    status: statuses.standbyAwaited("lisbon"),
  },
  ...(["cluster-name", "endpoint", "node-label"] as const).map((key) => ({
    row: "remote offers no instance yet",
    because: `${key} is missing`,
    when: {
      ...before,
      remote: {
        kind: "value" as const,
        value: Object.fromEntries(Object.entries(offer).filter(([each]) => each !== key)),
      },
    },
    then: "wait" as const,
    status: statuses.standbyAwaited("lisbon"),
  })),
  {
    row: "replica cluster is being added",
    when: { ...before, job: { kind: "running", progress: "Stage PAGE COPY" } },
    then: "wait",
    status: statuses.addingReplica("lisbon", "Stage PAGE COPY"),
  },
  { row: "the job is over", when: { ...before, job: { kind: "ended" } }, then: "clear-job" },
  {
    row: "the job is over",
    because: "it failed, yet the cluster is in",
    when: { job: failed },
    then: "clear-job",
  },
  {
    row: "instance has no label",
    when: { own: { ...own, remoteLabel: "192.0.2.7:3306" } },
    then: "label-instance",
    status: statuses.labelling,
  },
  { row: "remote was not told", when: { shared: sharedBefore }, then: "publish-initialized" },
  {
    row: "remote was not told",
    because: "with several members there is no label to set",
    when: { shared: sharedBefore, own: { ...own, remoteLabel: undefined } },
    then: "publish-initialized",
  },
  { row: "replica cluster is in the set", when: {}, then: "settled" },
  {
    row: "replica cluster is in the set",
    because: "the unit that was offered is gone, and the one that is left labels itself",
    when: { own: { ...own, remoteLabel: "lisbon-1" } },
    then: "settled",
  },
  {
    row: "replica cluster is in the set",
    because: "whatever the case of its name",
    when: { own: { ...own, clusters: ["rome", "LISBON"] } },
    then: "settled",
  },
  {
    row: "adding failed just now",
    when: { ...before, job: failed, wokenByJob: true },
    then: "wait",
    status: statuses.operationFailed("Adding: locked"),
  },
  { row: "adding failed before", when: { ...before, job: failed }, then: "clear-job" },
  {
    row: "instance cannot resolve the members yet",
    when: { ...before, resolves: "not-yet" },
    then: "wait",
    status: statuses.hostsAwaited("lisbon"),
  },
  {
    row: "replica cluster is positively absent",
    because: "an application that exchanges no host names has its own way",
    when: { ...before, resolves: "unsaid" },
    then: "start-adding",
    status: statuses.addingReplica("lisbon", ""),
  },
  {
    row: "another cluster is being added first",
    when: { ...before, isAddingAnother: true },
    then: "wait",
    status: statuses.addingQueued("lisbon"),
  },
  {
    row: "instance could not be asked",
    when: { ...before, remains: { kind: "unknown", what: "Connecting: the server does not answer" } },
    then: "wait",
    status: statuses.operationFailed("Connecting: the server does not answer"),
  },
  {
    row: "instance is in use",
    when: { ...before, remains: { kind: "foreign" } },
    then: "stuck",
    status: statuses.instanceInUse("lisbon", "lisbon"),
  },
  {
    row: "an addition was cut short",
    when: { ...before, remains: { kind: "cut-short" } },
    then: "undo-addition",
    status: statuses.undoingAddition("lisbon"),
  },
  {
    row: "another cluster is being added first",
    because: "the lock that the undoing needs is taken then",
    when: { ...before, isAddingAnother: true, remains: { kind: "cut-short" } },
    then: "wait",
    status: statuses.addingQueued("lisbon"),
  },
  {
    row: "replica cluster is positively absent",
    when: before,
    then: "start-adding",
    status: statuses.addingReplica("lisbon", ""),
  },
  {
    row: "own cluster leads no set",
    when: { ...before, own: { ...own, role: "alone", clusters: [] } },
    then: "wait",
    status: statuses.unknown,
  },
]);
