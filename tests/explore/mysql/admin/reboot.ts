// dba reboot-cluster-from-complete-outage: the group starts again on one member, and the others come back to it.
import { argument, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { groupOf, hasQuorum, isOnline } from "../groups.ts";
import type { Metadata, Plan, Server, Step } from "../state.ts";
import { bringBackSteps } from "./clusterset.ts";
import { requireOwnCluster } from "./dba.ts";
import { hostOfAddress, rejoinSteps, writable } from "./join.ts";
import { plan, step } from "./plan.ts";
import { requireLocks } from "./rules.ts";
import { attempt, connect, hostsOf, newestCopy, type Probe, probe, type Run, resolve } from "./sight.ts";

interface Found {
  readonly id: string;
  readonly metadata: Metadata;
  /** `removed`: the set has no such cluster any more. It starts from its own copy, and alone. */
  readonly standing: "PRIMARY" | "REPLICA" | "invalidated" | "removed";
}

export function reboot(run: Run): Plan {
  const found = findCluster(run);
  const force = run.call.options["force"] === "true";
  if (found.standing === "invalidated" && force)
    throw runtime(
      "The 'force' option cannot be used in a Cluster that belongs to a ClusterSet and is INVALIDATED.",
    );
  const members = probe(run, found.metadata, found.id);
  const alone = found.standing === "invalidated" || found.standing === "removed";
  requireOutage(run, members, force || alone);
  const wanted = hostOfAddress(run.call.options["primary"]);
  const seed = members.members.find((each) => each.host === wanted);
  if (seed === undefined)
    throw argument(`The requested instance '${wanted}' isn't part of the members of the Cluster.`);
  const locks = [`instance ${seed.host}`];
  requireLocks(run, locks);
  return plan(locks, [
    ...seedSteps(found, seed),
    ...(alone ? [] : [step("bring-others-back", seed.host, ...othersOf(members, seed))]),
  ]);
}

const othersOf = ({ members }: Probe, seed: Server): readonly string[] =>
  members.filter((each) => each !== seed).map(({ host }) => host);

function findCluster(run: Run): Found {
  const id = requireOwnCluster(run, run.call.args[0] ?? "");
  const own = connect(run, run.call.host).data.metadata;
  if (own === undefined) throw new Error("the model: a cluster without metadata");
  const setId = own.clusters[id]?.set;
  if (setId === undefined) return { id, metadata: own, standing: "PRIMARY" };
  const metadata = newestCopy(run, own, id, setId);
  if (metadata.clusters[id]?.set !== setId) return { id, metadata: own, standing: "removed" };
  return { id, metadata, standing: metadata.sets[setId]?.members[id] ?? "invalidated" };
}

function requireOutage({ state }: Run, { members, silent }: Probe, lenient: boolean): void {
  const online = members.filter((each) => isOnline(state, each));
  if (online.length > 0) {
    const decide = online.some((each) => {
      const group = groupOf(state, each);
      return group !== undefined && hasQuorum(group);
    });
    throw runtime(decide ? "The Cluster is ONLINE" : "The Cluster has lost quorum but has ONLINE members");
  }
  if (silent.length > 0 && !lenient) throw runtime("Could not determine if Cluster is completely OFFLINE");
}

/** A cluster that was invalidated comes up read-only. */
function seedSteps({ id, metadata, standing }: Found, { host }: Server): readonly Step[] {
  const group = metadata.clusters[id]?.groupName ?? "";
  return [
    step("stop-group", host),
    ...(standing === "invalidated" ? [step("elects-read-only", host)] : []),
    ...(standing === "PRIMARY" ? [step("open", host), step("make-account", host)] : []),
    step("bootstrap", host, group),
  ];
}

/** Seen anew once the seed is there: what is to be done with the others depends on who leads by now. */
export function bringOthersBack(run: Run, [seedHost = "", ...others]: readonly string[]): readonly Step[] {
  const through = { ...run, call: { ...run.call, host: seedHost } };
  const found = resolve(through, "cluster");
  if (found.globalPrimary === undefined) return [];
  const handle = writable(found);
  const own = probe(through, handle.metadata, handle.clusterId);
  const replica = handle.set !== undefined && handle.role === "REPLICA";
  const seed = connect(through, seedHost);
  const members = others.filter((host) => attempt(run, host) !== undefined);
  return [
    ...(replica ? bringBackSteps(handle, { ...own, primary: seed }) : []),
    ...members.map((host) => step("bring-one-back", seedHost, host)),
  ];
}

/** One member after the other: what each needs is looked at when it is its turn. */
export function bringOneBack(run: Run, [seedHost = "", host = ""]: readonly string[]): readonly Step[] {
  const through = { ...run, call: { ...run.call, host: seedHost } };
  const handle = writable(resolve(through, "cluster"));
  if (!hostsOf(handle.metadata, handle.clusterId).includes(host)) return [];
  return rejoinSteps(handle, connect(run, host));
}
