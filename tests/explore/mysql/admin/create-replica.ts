// clusterset create-replica-cluster: a server of another application becomes a cluster that follows the primary cluster.
import { chooseRecovery } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/cluster/recovery-method.ts";
import { coded } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { isSubset, subtractText } from "../gtid.ts";
import type { Plan, Server, Step } from "../state.ts";
import { clusterIdOf, freshGroup } from "./dba.ts";
import { hostOfAddress, type Writable, writable } from "./join.ts";
import { plan, step, undoable } from "./plan.ts";
import { requireLocks, requireRule } from "./rules.ts";
import { connect, type Run, resolve, silent, typeOfServer } from "./sight.ts";

export function createReplicaCluster(run: Run): Plan {
  const found = resolve(run, "clusterset");
  requireRule(found, "clusterset.createReplicaCluster");
  const handle = writable(found);
  const [address, name = ""] = run.call.args;
  const target = connect(run, hostOfAddress(address));
  const taken = Object.values(handle.metadata.clusters).map((each) => each.name.toLowerCase());
  if (taken.includes(name.toLowerCase())) throw coded(51610, "Cluster name already in use.");
  const type = typeOfServer(run.state, target);
  if (type !== "Standalone" && type !== "StandaloneWithMetadata")
    throw coded(51305, "Target instance already part of an InnoDB Cluster");
  const locks = [`clusterset ${handle.globalPrimary.host}`, `instance ${target.host}`];
  requireLocks(run, locks);
  const donor = connect(run, hostOfAddress(run.call.options["clone-donor"] ?? handle.globalPrimary.host));
  const method = methodOf(handle, target, donor);
  return plan(locks, build(handle, target, name, method === "clone" ? donor : undefined));
}

function methodOf({ call, globalPrimary }: Writable, target: Server, donor: Server): "clone" | "incremental" {
  const own = target.data.executed;
  const wanted = call.options["recovery-method"];
  return chooseRecovery(silent, {
    address: `${target.host}:3306`,
    state: {
      empty: Object.keys(own).length === 0,
      errant: subtractText(own, globalPrimary.data.executed),
      recoverable: isSubset(donor.purged, own),
    },
    wanted: wanted === "clone" || wanted === "incremental" ? wanted : "auto",
    complete: false,
    scope: "clusterset",
  });
}

function build(
  { state, globalPrimary, setId = "" }: Writable,
  target: Server,
  name: string,
  donor: Server | undefined,
): readonly Step[] {
  const [to, from] = [target.host, globalPrimary.host];
  const group = freshGroup(state, to);
  const id = clusterIdOf(group);
  return [
    step("open", to),
    undoable(step("make-account", from), step("make-account", from)),
    ...(donor === undefined ? [] : [step("copy-data", to, donor.host), step("restart", to)]),
    step("open", to),
    step("reset-actions", to),
    undoable(step("bootstrap", to, group), step("abandon", to)),
    undoable(step("record-cluster", from, id, name, group, to, "1"), step("forget-cluster", from, id)),
    step("follow", to, from, id, "primary"),
    step("make-account", from),
    step("synchronise", to, from),
    step("record-replica", from, setId, id),
    step("synchronise", to, from),
  ];
}
