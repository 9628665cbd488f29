// The operations of `cluster` on a cluster as a whole.
import { argument, coded, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { groupOf, hasQuorum, isOnline, onlineHosts } from "../groups.ts";
import type { Plan } from "../state.ts";
import { hostOfAddress, leaveSteps, requireFreeLabel, writable } from "./join.ts";
import { plan, step } from "./plan.ts";
import { requireLocks, requireRule } from "./rules.ts";
import { attempt, connect, hostsOf, probe, type Run, resolve, stateOf } from "./sight.ts";

export function setInstanceOption(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.setInstanceOption");
  const handle = writable(found);
  const [address, option, label = ""] = run.call.args;
  const host = hostOfAddress(address);
  const entry = Object.entries(handle.metadata.instances).find(([, each]) => each.host === host);
  if (entry === undefined || entry[1].cluster !== handle.clusterId)
    throw argument(`The instance '${address}' does not belong to the Cluster: '${handle.name}'.`);
  if (option !== "label") throw new Error(`the model sets no option ${option} of an instance`);
  requireFreeLabel(handle, label, entry[0]);
  const locks = [`cluster ${handle.primary.host}`];
  requireLocks(run, locks);
  return plan(locks, [step("record-label", handle.globalPrimary.host, entry[0], label)]);
}

export function createClusterSet(run: Run): Plan {
  const found = resolve(run, "cluster");
  const [domain = ""] = run.call.args;
  requireRule(found, "cluster.createClusterSet");
  const { primary, clusterId, metadata } = writable(found);
  const locks = [`cluster ${primary.host}`];
  requireLocks(run, locks);
  const members = hostsOf(metadata, clusterId).filter((host) => attempt(run, host) !== undefined);
  return plan(locks, [
    ...members.map((host) => step("forget-channel", host)),
    step("make-writable", primary.host),
    step("make-account", primary.host),
    step("record-set", primary.host, `set-of-${clusterId}`, clusterId, domain),
  ]);
}

export function setPrimaryInstance(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.setPrimaryInstance");
  const host = hostOfAddress(run.call.args[0]);
  const { primary, metadata, clusterId, name } = found;
  if (primary === undefined) throw runtime("This operation requires a PRIMARY instance available");
  if (!hostsOf(metadata, clusterId).includes(host))
    throw runtime(`The instance '${host}:3306' does not belong to the Cluster: '${name}'.`);
  const locks = [`cluster ${primary.host}`];
  requireLocks(run, locks);
  if (primary.host === host) return plan(locks, []);
  return plan(locks, [step("stop-channel", primary.host), step("hand-over", host, primary.groupName ?? "")]);
}

export function forceQuorum(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.forceQuorumUsingPartitionOf");
  const target = connect(run, hostOfAddress(run.call.args[0]));
  const { metadata, clusterId, name, role, state } = found;
  const hosts = hostsOf(metadata, clusterId);
  if (!hosts.includes(target.host))
    throw runtime(`The instance '${target.host}:3306' does not belong to the cluster: '${name}'.`);
  const group = groupOf(state, target);
  if (group === undefined)
    throw runtime(`The instance cannot be used as it is on a '${stateOf(state, target)}' state`);
  if (hasQuorum(group)) throw runtime(`The cluster has quorum according to instance '${target.host}:3306'`);
  requireLocks(run, [`instance ${target.host}`]);
  const alive = onlineHosts(group);
  const others = hosts.filter((host) => !alive.includes(host) && attempt(run, host) !== undefined);
  return plan(
    [`instance ${target.host}`],
    [
      ...others.map((host) => step("stop-group", host)),
      step("force-members", target.host, target.groupName ?? ""),
      ...(role === "REPLICA" ? alive.map((host) => step("read-only", host)) : []),
    ],
  );
}

export function dissolve(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.dissolve");
  const handle = writable(found);
  const { primary, metadata, clusterId, setId, name } = handle;
  const inSet = Object.values(metadata.clusters).filter((each) => setId !== undefined && each.set === setId);
  if (inSet.length > 1)
    throw runtime(
      `Cluster '${name}' cannot be dissolved because it is part of a ClusterSet with other Clusters.`,
    );
  const locks = [`cluster ${primary.host}`];
  requireLocks(run, locks);
  const { members } = probe(run, metadata, clusterId);
  const online = members.filter((each) => isOnline(run.state, each)).map(({ host }) => host);
  // Without force it is not called.
  return plan(locks, [
    step("open", primary.host),
    step("drop-schema", primary.host),
    ...online.flatMap((host) => leaveSteps(handle, host)),
  ]);
}

export function fenceWrites(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.fenceWrites");
  const { primary, state } = writable(found);
  const locks = [`cluster ${primary.host}`];
  requireLocks(run, locks);
  const group = groupOf(state, primary);
  const others = (group === undefined ? [] : onlineHosts(group)).filter((host) => host !== primary.host);
  return plan(locks, [
    step("elects-read-only", primary.host),
    ...[primary.host, ...others].map((host) => step("read-only", host)),
  ]);
}

export function unfenceWrites(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.unfenceWrites");
  const { primary, role } = writable(found);
  if (role === "REPLICA") throw coded(51616, "Unable to unfence Cluster from write traffic.");
  if (primary.actions.writable || !primary.superReadOnly)
    throw coded(51617, "Cluster not fenced to write traffic");
  const locks = [`cluster ${primary.host}`];
  requireLocks(run, locks);
  return plan(locks, [step("elects-writable", primary.host), step("open", primary.host)]);
}
