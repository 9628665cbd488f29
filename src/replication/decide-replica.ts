// Side of `async-replica`: prepares this cluster to become a replica cluster of the other application's ClusterSet.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import { canReplicateFrom, parseVersion } from "../mysql/versions.ts";
import { statuses } from "../statuses.ts";
import { isSameName } from "../wire/names.ts";
import type { PrimaryBag } from "../wire/replication.ts";
import { refusedBag } from "./refused-bag.ts";
import type { ReplicaCluster, ReplicaFacts, ReplicaStep } from "./replica-facts.ts";

type Present = Extract<ReplicaCluster, { kind: "present" }>;
/** Both charms write the four together. */
const sharedKeys = ["secret-id", "cluster-name", "mysql-version", "cluster-set-name"] as const;
const present = (f: ReplicaFacts): Present | undefined =>
  typeof f.cluster !== "string" && f.cluster.kind === "present" ? f.cluster : undefined;
const isRemnant = (f: ReplicaFacts): boolean => typeof f.cluster !== "string" && f.cluster.kind === "remnant";
const remote = (f: ReplicaFacts): PrimaryBag => (f.remote.kind === "value" ? f.remote.value : {});

const isOffered = (f: ReplicaFacts): boolean => f.offered.endpoint !== undefined;

/** This cluster and the other application's are in one set: whoever leads it, the set-up is over. */
const joined = (f: ReplicaFacts): boolean => {
  const cluster = present(f);
  return (
    cluster !== undefined &&
    cluster.clusters.length > 1 &&
    cluster.clusters.some(
      (name) => isSameName(remote(f)["cluster-name"], name) && !isSameName(cluster.name, name),
    )
  );
};
/** What goes before an offer is done, by whichever unit it was. */
const isPrepared = (f: ReplicaFacts): boolean =>
  f.accounts === "theirs" &&
  f.stored &&
  f.seed === "committed" &&
  (f.userData === "none" || f.userData === "theirs");
const tooOld = (f: ReplicaFacts): boolean => {
  const source = parseVersion(remote(f)["mysql-version"] ?? "");
  const own = f.cluster === "unknown" ? undefined : parseVersion(f.cluster.version);
  return source !== undefined && own !== undefined && !canReplicateFrom(source, own);
};

export const replicaRows: readonly Row<ReplicaFacts, ReplicaStep>[] = [
  {
    // Before an instance is offered nobody else is at work on this cluster: its dissolution was cut short.
    name: "group of the dissolved cluster still stands",
    when: (f) => isRemnant(f) && f.seed === "committed" && !isOffered(f),
    then: () => act("end-group", statuses.preparing),
  },
  {
    name: "own cluster could not be asked",
    when: (f) => f.cluster === "unknown" || isRemnant(f),
    then: () => wait(statuses.unknown),
  },
  refusedBag,
  {
    name: "set has another name than recorded",
    when: (f) => joined(f) && present(f)?.setName !== undefined && present(f)?.setName !== f.recordedSetName,
    then: () => act("record-set-name"),
  },
  {
    name: "shared passwords changed",
    when: (f) => joined(f) && f.incoming === "value" && !f.stored,
    then: () => act("follow-passwords"),
  },
  {
    name: "both are in one set by another relation",
    when: (f) => joined(f) && f.isSecond,
    then: (f) => stuck(statuses.relatedTwice(f.remoteApp)),
  },
  { name: "both are in one set", when: joined, then: () => settled() },
  {
    name: "own cluster follows another",
    when: (f) => present(f)?.role === "replica",
    then: (f) => stuck(statuses.alreadyFollows(present(f)?.setName ?? "")),
  },
  {
    name: "own cluster leads others",
    when: (f) => (present(f)?.clusters.length ?? 0) > 1,
    then: (f) => stuck(statuses.alreadyLeads(present(f)?.setName ?? "")),
  },
  {
    name: "others follow this application",
    when: (f) => f.isFollowed && present(f) !== undefined,
    then: (f) => stuck(statuses.isFollowed(f.remoteApp)),
  },
  {
    name: "databases could not be listed",
    when: (f) => f.userData === "unlisted",
    then: () => wait(statuses.unknown),
  },
  {
    name: "user data is not reported",
    when: (f) => f.userData === "own" && f.offered["user-data-found"] === undefined,
    then: () => act("report-user-data"),
  },
  {
    name: "user data would be lost",
    when: (f) => f.userData === "own",
    then: (f) => stuck(statuses.userData(f.userDatabases)),
  },
  {
    name: "user data is gone",
    when: (f) => f.offered["user-data-found"] === "true",
    then: () => act("withdraw-user-data"),
  },
  {
    name: "remote is a standby",
    when: (f) => remote(f)["is-replica"] === "true",
    then: (f) => stuck(statuses.remoteIsStandby(f.remoteApp)),
  },
  {
    name: "remote is this very cluster",
    when: (f) =>
      present(f)?.setName !== undefined &&
      present(f)?.setName === remote(f)["cluster-set-name"] &&
      present(f)?.name === remote(f)["cluster-name"],
    then: () => stuck(statuses.sameCluster),
  },
  {
    name: "server is older than its source",
    when: tooOld,
    then: (f) =>
      stuck(
        statuses.olderServer(
          f.cluster === "unknown" ? "" : f.cluster.version,
          remote(f)["mysql-version"] ?? "",
        ),
      ),
  },
  {
    name: "instance is offered by a unit that is gone",
    when: (f) => present(f) === undefined && isOffered(f) && f.offererGone && isPrepared(f),
    then: () => act("publish-instance"),
  },
  {
    name: "instance is offered at an old address",
    when: (f) => present(f) === undefined && isOffered(f) && f.hasMoved,
    then: () => act("publish-address"),
  },
  {
    // Its own cluster was dissolved before: one that stands now, in no set yet, is what the other side makes of it.
    name: "instance is offered",
    when: (f) => isOffered(f) && (present(f) === undefined || present(f)?.role === "alone"),
    then: (f) => wait(statuses.additionAwaited(f.remoteApp)),
  },
  {
    name: "remote shares nothing yet",
    when: (f) => sharedKeys.some((key) => remote(f)[key] === undefined),
    then: (f) => wait(statuses.primaryAwaited(f.remoteApp)),
  },
  {
    name: "own cluster is not formed",
    when: (f) => present(f) === undefined && f.seed === "held",
    then: () => wait(statuses.firstMemberAwaited),
  },
  {
    name: "members are missing",
    when: (f) => present(f) !== undefined && (present(f)?.onlineMembers ?? 0) < Math.min(f.plannedMembers, 9),
    then: (f) => wait(statuses.membersAwaited(present(f)?.onlineMembers ?? 0, f.plannedMembers)),
  },
  {
    name: "secret is not granted yet",
    when: (f) => f.incoming === "not-granted" || f.incoming === "none",
    then: (f) => wait(statuses.grantAwaited(f.remoteApp)),
  },
  {
    name: "secret lacks a field",
    when: (f) => typeof f.incoming === "object",
    then: (f) =>
      stuck(statuses.secretField(f.remoteApp, typeof f.incoming === "object" ? f.incoming.missing : "")),
  },
  {
    // The databag of the application can be there before any of its units.
    name: "no unit of the primary site is known",
    when: (f) => (present(f) !== undefined || f.userData === "unknown") && f.site.addresses.length === 0,
    then: (f) => wait(statuses.siteAwaited(f.remoteApp)),
  },
  {
    name: "primary site cannot be reached",
    when: (f) => (present(f) !== undefined || f.userData === "unknown") && !f.site.reachable,
    then: (f) => stuck(statuses.unreachableSite(f.site.addresses.join(", "))),
  },
  {
    name: "whose data it is is not known",
    when: (f) => f.userData === "unknown",
    then: (f) => wait(statuses.dataCompared(f.remoteApp)),
  },
  // Two hooks: once the cluster is dissolved, nothing that was not committed may tell a unit to form it again.
  {
    name: "seed is still held",
    when: (f) => f.seed === "held",
    then: () => act("release-seed", statuses.preparing),
  },
  {
    name: "seed is not released in writing",
    when: (f) => f.seed === "releasing",
    then: () => wait(statuses.preparing),
  },
  {
    name: "accounts could not be asked",
    when: (f) => f.accounts === "unknown",
    then: () => wait(statuses.unknown),
  },
  {
    name: "accounts have the old passwords",
    when: (f) => f.accounts === "own",
    then: () => act("adopt-accounts", statuses.adoptingCredentials),
  },
  { name: "passwords are not stored", when: (f) => !f.stored, then: () => act("store-passwords") },
  {
    name: "own cluster still stands",
    when: (f) => present(f) !== undefined,
    then: (f) => act("dissolve", statuses.dissolving(present(f)?.name ?? "")),
  },
  { name: "instance is not offered", when: () => true, then: () => act("publish-instance") },
];

export function decideReplica(facts: ReplicaFacts): Decision<ReplicaStep> {
  return decideBy(replicaRows, facts);
}
