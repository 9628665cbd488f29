// Taking servers into a running group, and out of it: add-instance, rejoin-instance, remove-instance.

import {
  chooseRecovery,
  type RecoveryMethod,
} from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/cluster/recovery-method.ts";
import { argument, coded, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { unreachable } from "../errors.ts";
import { groupOf, onlineHosts } from "../groups.ts";
import { isSubset, subtractText } from "../gtid.ts";
import type { Plan, Server, Step } from "../state.ts";
import { plan, step } from "./plan.ts";
import { requireLocks, requireRule } from "./rules.ts";
import {
  attempt,
  connect,
  type Handle,
  hostsOf,
  type Run,
  resolve,
  silent,
  stateOf,
  typeOfServer,
} from "./sight.ts";

/** A cluster that can be changed: its own primary and the one that takes the set's writes are there. */
export interface Writable extends Handle {
  readonly primary: Server;
  readonly globalPrimary: Server;
}

export function writable(handle: Handle): Writable {
  const { primary, globalPrimary } = handle;
  if (primary === undefined || globalPrimary === undefined)
    throw runtime("This operation requires a PRIMARY instance available");
  return { ...handle, primary, globalPrimary };
}

export const hostOfAddress = (address: string | undefined): string => (address ?? "").split(":")[0] ?? "";

export function addInstance(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.addInstance");
  const handle = writable(found);
  const target = connect(run, hostOfAddress(run.call.args[0]));
  const label = run.call.options["label"] ?? `${target.host}:3306`;
  requireFreeLabel(handle, label, target.uuid);
  const locks = [`cluster ${handle.primary.host}`, `instance ${target.host}`];
  requireLocks(run, locks);
  requireFreeTarget(handle, target);
  const method = methodOf(handle, target);
  return plan(locks, [
    ...(target.starting ? [step("stop-group", target.host)] : []),
    ...joinSteps(handle, target, method),
    step("record-instance", handle.globalPrimary.host, handle.clusterId, target.host, label),
  ]);
}

export function requireFreeLabel({ metadata, clusterId }: Handle, label: string, uuid: string): void {
  for (const [other, record] of Object.entries(metadata.instances))
    if (record.cluster === clusterId && record.label === label && other !== uuid)
      throw argument(`Instance '${record.host}:3306' is already using label '${label}'.`);
}

function requireFreeTarget(handle: Handle, target: Server): void {
  const record = handle.metadata.instances[target.uuid];
  const address = `${target.host}:3306`;
  if (record?.cluster === handle.clusterId)
    throw runtime(`The instance '${address}' is already part of this InnoDB Cluster`);
  const own = target.data.metadata?.instances[target.uuid]?.cluster;
  if (record !== undefined || (own !== undefined && own !== handle.clusterId))
    throw runtime(`The instance '${address}' is already part of another InnoDB Cluster`);
  if (typeOfServer(handle.state, target) === "GroupReplication")
    throw runtime(`The instance '${address}' is in a group without metadata`);
}

/** How the target gets the data. Throws where it cannot get it so. */
function methodOf({ state, call, primary, globalPrimary }: Writable, target: Server): RecoveryMethod {
  const group = groupOf(state, primary);
  const donors = group === undefined ? [] : onlineHosts(group).map((host) => state.servers[host]);
  const wanted = call.options["recovery-method"];
  const own = target.data.executed;
  return chooseRecovery(silent, {
    address: `${target.host}:3306`,
    state: {
      empty: Object.keys(own).length === 0,
      errant: subtractText(own, globalPrimary.data.executed),
      recoverable: donors.some((donor) => donor !== undefined && isSubset(donor.purged, own)),
    },
    wanted: wanted === "clone" || wanted === "incremental" ? wanted : "auto",
    complete: true,
    scope: "cluster",
  });
}

/** From a server outside of the group to one that is ONLINE in it. */
function joinSteps(handle: Writable, target: Server, method: RecoveryMethod): readonly Step[] {
  const { host } = target;
  const { primary, globalPrimary, role, state } = handle;
  const group = primary.groupName ?? "";
  const members = onlineHosts(state.groups[group] ?? { members: {} });
  const donor = members.find((each) => each !== primary.host) ?? primary.host;
  return [
    ...(method === "clone" ? [step("clear-logs", host)] : []),
    ...(role === "REPLICA" ? channelSteps(handle, target, members) : []),
    step("make-account", globalPrimary.host),
    ...(role === "REPLICA" ? [step("synchronise", primary.host, globalPrimary.host)] : []),
    ...(method === "clone" ? [step("copy-data", host, donor), step("restart", host)] : []),
    step("enter", host, group),
    step("recover", host),
  ];
}

/** In a replica cluster every member knows the channel's new password before the newcomer does. */
function channelSteps(
  { primary, globalPrimary, clusterId }: Writable,
  target: Server,
  members: readonly string[],
): readonly Step[] {
  return [
    step("synchronise", primary.host, globalPrimary.host),
    step("renew-account", globalPrimary.host, clusterId),
    ...members.map((member) => step("tell-account", member, globalPrimary.host, clusterId)),
    step("follow", target.host, globalPrimary.host, clusterId, "secondary"),
  ];
}

export function rejoinInstance(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.rejoinInstance");
  const handle = writable(found);
  const target = connect(run, hostOfAddress(run.call.args[0]));
  if (!hostsOf(handle.metadata, handle.clusterId).includes(target.host))
    throw runtime(`The instance '${target.host}:3306' does not belong to the cluster: '${handle.name}'.`);
  const state = stateOf(run.state, target);
  if (state === "ONLINE" || state === "RECOVERING") return plan([], []);
  const locks = [`cluster ${handle.primary.host}`, `instance ${target.host}`];
  requireLocks(run, locks);
  return plan(locks, rejoinSteps(handle, target));
}

/** Also for the members of a cluster that was started again. */
export function rejoinSteps(handle: Writable, target: Server): readonly Step[] {
  const method = methodOf(handle, target);
  const leads = handle.set !== undefined && handle.role === "PRIMARY";
  return [
    step("stop-group", target.host),
    ...(leads ? [step("forget-channel", target.host)] : []),
    ...joinSteps(handle, target, method),
  ];
}

export function removeInstance(run: Run): Plan {
  const found = resolve(run, "cluster");
  requireRule(found, "cluster.removeInstance");
  const handle = writable(found);
  const host = hostOfAddress(run.call.args[0]);
  const force = run.call.options["force"] === "true";
  const target = attempt(run, host);
  const entry = Object.entries(handle.metadata.instances).find(
    ([, record]) => record.host === host && record.cluster === handle.clusterId,
  );
  if (target === undefined && !force && entry !== undefined) throw unreachable(host);
  if (entry === undefined) throw coded(51104, `Metadata for instance '${host}:3306' not found`);
  if (hostsOf(handle.metadata, handle.clusterId).length === 1)
    throw runtime(`The instance '${host}:3306' is the last member of the cluster`);
  const locks = [`cluster ${handle.primary.host}`, ...(target === undefined ? [] : [`instance ${host}`])];
  requireLocks(run, locks);
  const active = target !== undefined && ["ONLINE", "RECOVERING"].includes(stateOf(run.state, target));
  if (target !== undefined && !active && !force)
    throw coded(51004, "Instance is not ONLINE and cannot be safely removed");
  return plan(locks, [
    step("forget-instance", handle.globalPrimary.host, entry[0]),
    ...(active ? [step("synchronise", host, handle.globalPrimary.host)] : []),
    ...(target === undefined ? [] : leaveSteps(handle, host)),
  ]);
}

/** What is done to a member that goes for good. */
export function leaveSteps({ set }: Handle, host: string): readonly Step[] {
  return [
    step("leave-group", host),
    ...(set === undefined ? [] : [step("reset-actions", host)]),
    step("forget-channel", host),
  ];
}
