// What the changes of a ClusterSet share: finding the clusters that take part, and pointing them at their source.
import { argument, coded } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { isOnline } from "../groups.ts";
import { isSubset } from "../gtid.ts";
import type { ClusterRecord, Server, Step } from "../state.ts";
import { step } from "./plan.ts";
import { hasErrant } from "./rules.ts";
import { type Handle, type Probe, probe } from "./sight.ts";

/** A cluster whose primary answers. */
export interface Available extends Probe {
  readonly primary: Server;
}

/** The cluster of that name in the set. Throws where there is none. */
export function requireCluster({ metadata, setId }: Handle, name: string): readonly [string, ClusterRecord] {
  const found = Object.entries(metadata.clusters).find(
    ([, each]) => each.name === name && each.set === setId,
  );
  if (found === undefined) throw coded(51101, `The cluster with the name '${name}' does not exist.`);
  return found;
}

/** A cluster that may be promoted. Throws where it is invalidated, or leads already. */
export function requireCandidate(handle: Handle, name: string): string {
  const [id] = requireCluster(handle, name);
  const role = handle.set?.members[id];
  if (role === undefined) throw coded(51121, `Cluster '${name}' is invalidated`);
  if (role === "PRIMARY") throw coded(51317, `Cluster '${name}' is already the PRIMARY cluster`);
  return id;
}

/** Names of live clusters that the command gives up. */
export function givenUp(handle: Handle): readonly string[] {
  const option = handle.call.options["invalidate-replica-clusters:json"];
  const names = option === undefined ? [] : (JSON.parse(option) as readonly string[]);
  return names.map((name) => {
    const [id] = requireCluster(handle, name);
    if (handle.set?.members[id] === undefined)
      throw argument(`Invalid cluster name '${name}' in option invalidateReplicaClusters`);
    return id;
  });
}

/** The live clusters that answer, without those that are given up. Throws where another one is missing. */
export function available(
  handle: Handle,
  invalidated: readonly string[],
  except?: string,
): readonly Available[] {
  const live = Object.keys(handle.set?.members ?? {}).filter((id) => id !== except);
  const probes = live.map((id) => probe(handle, handle.metadata, id));
  if (probes.some((each) => each.primary === undefined && !invalidated.includes(each.clusterId)))
    throw coded(51613, "One or more replica clusters are unavailable");
  return probes.flatMap((each) =>
    each.primary === undefined || invalidated.includes(each.clusterId)
      ? []
      : [{ ...each, primary: each.primary }],
  );
}

/** Throws where the cluster has transactions that the source has not, or lacks some that the source's logs do not hold. */
export function requireClean(replica: Server, source: Server): void {
  if (hasErrant(replica, source)) throw coded(51152, `Errant transactions detected at ${replica.host}:3306`);
  if (!isSubset(source.purged, replica.data.executed))
    throw coded(
      51153,
      "The cluster is missing transactions that are no longer available at the primary cluster",
    );
}

/** The ONLINE members of a cluster that answer, its primary last. */
export function membersPrimaryLast({ state }: Handle, { members, primary }: Probe): readonly string[] {
  const others = members.filter((each) => isOnline(state, each) && each !== primary).map(({ host }) => host);
  return primary === undefined ? others : [...others, primary.host];
}

/** Points all members at the source. `account` names the cluster whose account has a new password; "" keeps the known one. */
export function followSteps(
  handle: Handle,
  cluster: Available,
  source: string,
  account: string,
): readonly Step[] {
  return membersPrimaryLast(handle, cluster).map((host) =>
    step("follow", host, source, account, host === cluster.primary.host ? "primary" : "secondary"),
  );
}
