// The cluster that a unit outside its group can get into: found by asking the other units' servers.
import type { RecoveryMethod } from "../mysql/commands.ts";
import { clusterMembers, livePrimary } from "../mysql/group.ts";
import type { Session } from "../mysql/ports.ts";
import { type Catching, howToCatchUp, readUserDatabases, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { knowsHosts } from "../wire/peers.ts";
import { memberHost } from "../workload/domain.ts";
import type { ClusterFacts, JoinTarget } from "./facts.ts";
import { askPeers, askServer, type Peer, readPeers } from "./peers.ts";

/** Asks all peers at once; the first that is in a group which can decide tells where its primary is. */
export async function findTarget(ports: Ports, view: ServerView): Promise<ClusterFacts["target"]> {
  const peers = await readPeers(ports);
  const asked = await askPeers(ports, peers);
  for (const { view: seen } of asked) {
    const target = seen === "silent" ? undefined : await describe(ports, peers, view, seen);
    if (target !== undefined) return target;
  }
  // A peer that was a member is evidence of a cluster, even while the peer is down.
  const members = peers.filter((peer) => peer.facts["unit-initialized"] === "True");
  if (members.length === 0) return "none";
  const isOut = ({ unit }: Peer): boolean => {
    const seen = asked.find(({ peer }) => peer.unit === unit)?.view ?? "silent";
    return seen !== "silent" && (seen.member.state === "OFFLINE" || seen.member.state === "ERROR");
  };
  return members.every(isOut) ? "down" : "unknown";
}

async function describe(
  ports: Ports,
  peers: readonly Peer[],
  own: ServerView,
  seen: ServerView,
): Promise<JoinTarget | undefined> {
  const primary = livePrimary(seen);
  if (primary === undefined || seen.metadata === "absent") return undefined;
  const recovery = await askServer(
    ports,
    () => ports.keyring.connect({ host: primary.host }),
    (session) => recoveryOf(ports, session, own),
  );
  if (recovery === "silent") return undefined;
  const members = clusterMembers(seen.metadata);
  return {
    primaryHost: primary.host,
    members: Math.max(members.length, seen.group.length),
    recovery,
    same: own.metadata === "absent" || own.metadata.clusterId === seen.metadata.clusterId,
    listed: members.some(({ uuid }) => uuid === own.server.uuid),
    strangers: strangers(peers, await memberHost(ports)),
    ahead: ahead(peers, ports.model.context.unitNumber),
  };
}

/**
 * Clone replaces all data, so it is for a server that has nothing of its own. It is needed where binary logs are gone,
 * and where the metadata was dropped although its transactions count as executed.
 */
async function recoveryOf(ports: Ports, primary: Session, own: ServerView): Promise<JoinTarget["recovery"]> {
  const catching = await howToCatchUp(primary, own.server.gtidExecuted);
  if (catching === "diverged") return (await hasUserData(ports)) ? "diverged" : "clone";
  const hasGaps = !own.server.metadata && own.server.gtidExecuted !== "";
  return hasGaps ? "clone" : methods[catching];
}

const methods: Readonly<Record<Exclude<Catching, "diverged">, RecoveryMethod>> = {
  "from-logs": "incremental",
  "logs-purged": "clone",
};

/** A server that does not tell is taken to have some. */
async function hasUserData(ports: Ports): Promise<boolean> {
  const databases = await askServer(ports, () => ports.keyring.connectLocal(), readUserDatabases);
  return databases === "silent" || databases.length > 0;
}

function strangers(peers: readonly Peer[], host: string): readonly string[] {
  return peers
    .filter((peer) => peer.facts["member-state"] === "online")
    .filter((peer) => !knowsHosts(peer.facts["known-hosts"], [host]))
    .map((peer) => peer.unit);
}

function ahead(peers: readonly Peer[], unitNumber: number): readonly string[] {
  return peers
    .filter((peer) => Number(peer.unit.split("/")[1]) < unitNumber)
    .filter((peer) => peer.facts["unit-configured"] === "True" && peer.facts["member-state"] === "waiting")
    .map((peer) => peer.unit);
}
