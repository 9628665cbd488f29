// What stands in the way of a promotion, said before anything is changed. Pure.
import { compareVersions, parseVersion } from "../mysql/versions.ts";
import { conditionOf } from "../replication/set-copies.ts";
import { leaderOf, type SetSight } from "./set-sight.ts";

const failover = "promote-standby-cluster force=true";

/** Reasons for which no switchover can be made; each says what to do. */
export function switchoverObstacles(sight: SetSight): readonly string[] {
  const leader = leaderOf(sight);
  const found: string[] = [];
  if (leader === undefined) return [`no cluster leads the set; make this one lead it with ${failover}`];
  for (const { name, invalidated } of sight.set.clusters) {
    if (name === sight.name || invalidated) continue;
    const condition = conditionOf(sight.others.get(name));
    if (condition === "online") continue;
    const what = condition === "silent" ? "does not answer" : "has no member that leads its group";
    found.push(
      name === leader.name
        ? `primary cluster ${name} ${what}; bring it back or, if it is lost, fail over with ${failover}`
        : `cluster ${name} ${what}; bring it back, or remove its relation`,
    );
  }
  const primary = sight.others.get(leader.name);
  if (primary !== undefined && primary !== "unreachable" && conditionOf(primary) === "online") {
    if (primary.view.server.superReadOnly)
      found.push(`cluster ${leader.name} takes no writes; run unfence-writes on one of its units first`);
  }
  return [...found, ...olderClusters(sight)];
}

/** MySQL replicates from an older server to a newer one, never the other way. */
function olderClusters({ view, others }: SetSight): readonly string[] {
  const own = parseVersion(view.server.version);
  return [...others].flatMap(([name, other]) => {
    const theirs = other === "unreachable" ? undefined : parseVersion(other.view.server.version);
    if (own === undefined || theirs === undefined || compareVersions(theirs, own) >= 0) return [];
    return [
      `cluster ${name} runs MySQL ${theirs.join(".")} and could not follow ${own.join(".")}; refresh it first`,
    ];
  });
}

/** Reasons for which no failover can be made. */
export function failoverObstacles(sight: SetSight): readonly string[] {
  const leader = leaderOf(sight);
  if (leader === undefined) return [];
  switch (conditionOf(sight.others.get(leader.name))) {
    case "online":
      return [`primary cluster ${leader.name} answers; switch over without force=true`];
    case "restorable":
      return [
        `servers of primary cluster ${leader.name} answer and can still be restored without loss; see the status of its units, or switch its machines off and try again`,
      ];
    case "silent":
      return [];
  }
}

/** What a silent cluster had committed and not sent is not known before it answers again. */
export function unknownLoss(cluster: string): string {
  return `Unknown while ${cluster} does not answer: what it committed after last-received, if anything. It keeps them; when it answers again, rejoin-cluster cluster-name=${cluster} lists them.`;
}

/** Standbys that a failover has to leave behind, since they do not answer. */
export function leftBehind(sight: SetSight): readonly string[] {
  const leader = leaderOf(sight)?.name;
  return sight.set.clusters
    .filter((each) => each.name !== sight.name && each.name !== leader && !each.invalidated)
    .filter((each) => conditionOf(sight.others.get(each.name)) === "silent")
    .map((each) => each.name);
}
