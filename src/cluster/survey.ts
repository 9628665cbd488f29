// What all servers of this application say together: whether its cluster is there, and who is missing.
import {
  clusterMembers,
  type GroupFacts,
  hasQuorum,
  hostOf,
  largestSet,
  livePrimary,
  readGroupFacts,
} from "../mysql/group.ts";
import {
  type InstanceRecord,
  type Metadata,
  missingHere,
  readServer,
  readUserDatabases,
  type ServerView,
} from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { askOthers, withNewest } from "../replication/set-copies.ts";
import { unitLabel } from "../wire/names.ts";
import { PEERS } from "../wire/peers.ts";
import { memberHost } from "../workload/domain.ts";
import type { ClusterState, Outage } from "./decide-membership.ts";
import { askPeers, askServer, readPeers } from "./peers.ts";

/** A server that has metadata of a cluster. */
interface Member {
  readonly host: string;
  readonly view: ServerView;
  readonly metadata: Metadata;
}

/** Asks this unit's server first: while it is in a group that can decide, no other needs to be asked. */
export async function surveyCluster(ports: Ports): Promise<ClusterState> {
  const own = await askServer(ports, () => ports.keyring.connectLocal(), readServer);
  const host = await memberHost(ports);
  const local = own === "silent" ? undefined : asMember(host, own);
  if (local !== undefined && livePrimary(local.view) !== undefined) return await online(ports, local);
  const asked = await askPeers(ports, await readPeers(ports));
  const others = asked.flatMap((each) =>
    each.view === "silent" ? [] : (asMember(each.host, each.view) ?? []),
  );
  const members = local === undefined ? others : [local, ...others];
  const inGroup = members.find(({ view }) => livePrimary(view) !== undefined);
  if (inGroup !== undefined) return await online(ports, inGroup);
  if (members.length === 0) {
    const all = own !== "silent" && asked.every(({ view }) => view !== "silent") && (await allMet(ports));
    return { kind: all ? "vacant" : "unknown" };
  }
  const answers = [{ host, view: own }, ...asked].flatMap(({ host, view }) =>
    view === "silent" ? [] : [{ host, view }],
  );
  return await broken(ports, members, answers);
}

function asMember(host: string, view: ServerView): Member | undefined {
  return view.metadata === "absent" ? undefined : { host, view, metadata: view.metadata };
}

/** A unit that this one did not meet yet could be a member. */
export async function allMet({ model }: Ports): Promise<boolean> {
  const peers = await model.peer(PEERS);
  const met = peers === undefined ? [] : await model.remoteUnits(peers);
  const known = [...(await model.knownUnits()).keys()];
  return known.every((unit) => unit === model.context.unit || met.includes(unit));
}

interface Removed {
  /** Members whose units Juju has removed. */
  readonly gone: readonly InstanceRecord[];
  /** Members whose units Juju is removing. */
  readonly leaving: readonly InstanceRecord[];
}

/**
 * A unit that is on its way out takes its member out itself, as long as that runs.
 * Members are known by their labels: one that has none yet, or another application's, is nobody's to remove.
 */
async function removedByJuju(
  { model }: Ports,
  records: readonly InstanceRecord[],
  runs: (record: InstanceRecord) => boolean,
): Promise<Removed> {
  const peers = await model.peer(PEERS);
  if (peers === undefined) return { gone: [], leaving: [] };
  const met = new Set([model.context.unit, ...(await model.remoteUnits(peers))].map(unitLabel));
  const unmet = records.filter(({ label }) => isOwn(label, model.context.app) && !met.has(label));
  if (unmet.length === 0) return { gone: [], leaving: [] };
  const known = new Map([...(await model.knownUnits())].map(([unit, life]) => [unitLabel(unit), life]));
  const isLeaving = (record: InstanceRecord): boolean => known.get(record.label) === "dying" && runs(record);
  return {
    gone: unmet.filter((record) => known.get(record.label) !== "alive" && !isLeaving(record)),
    leaving: unmet.filter(isLeaving),
  };
}

function isOwn(label: string, app: string): boolean {
  return label.startsWith(`${app}-`) && /^\d+$/.test(label.slice(app.length + 1));
}

async function online(ports: Ports, { view, metadata }: Member): Promise<ClusterState> {
  const primary = livePrimary(view);
  if (primary === undefined) return { kind: "unknown" };
  const runs = ({ uuid }: InstanceRecord): boolean => view.group.some((member) => member.uuid === uuid);
  const { gone, leaving } = await removedByJuju(ports, clusterMembers(metadata), runs);
  const hosts = gone.map(({ address }) => hostOf(address));
  return { kind: "online", primaryHost: primary.host, gone: hosts, leaving: leaving.length };
}

/** A server that answers. */
interface Answer {
  readonly host: string;
  readonly view: ServerView;
}

const isDown = ({ view }: Answer): boolean =>
  view.member.state === "OFFLINE" || view.member.state === "ERROR";

/** Members answer, but none is in a group that can decide. `answers`: of all servers, also of those that join. */
async function broken(
  ports: Ports,
  members: readonly Member[],
  answers: readonly Answer[],
): Promise<ClusterState> {
  const left = members.find(({ view }) => view.member.state === "ONLINE" && !hasQuorum(view));
  if (left !== undefined) return await withoutQuorum(ports, left, answers);
  // One that was joining holds on to the lost group, and would get in the way of a new one of that name.
  if (!answers.every(isDown)) return { kind: "unknown" };
  const strangers = answers.filter(({ host }) => members.every((member) => member.host !== host));
  return await outage(ports, members, strangers);
}

async function withoutQuorum(
  ports: Ports,
  left: Member,
  answers: readonly Answer[],
): Promise<Extract<ClusterState, { readonly kind: "no-quorum" }>> {
  const uuids = left.view.group.filter(({ state }) => state === "UNREACHABLE").map(({ uuid }) => uuid);
  const out = answers.filter((answer) => isDown(answer) && uuids.includes(answer.view.server.uuid));
  const spared = (await holdsAllOf(ports, left, out)) ? out.map(({ view }) => view.server.uuid) : [];
  const unreachable = uuids.filter((uuid) => !spared.includes(uuid));
  const lost = clusterMembers(left.metadata).filter(({ uuid }) => unreachable.includes(uuid));
  const { gone } = await removedByJuju(ports, lost, () => false);
  const known = lost.filter((record) => !gone.includes(record)).map(({ label }) => label);
  // One that the metadata does not list cannot be told to be removed.
  const unlisted = unreachable.length > lost.length ? ["a member without a name"] : [];
  const { rivals } = await standingInSet(ports, left.view);
  return { kind: "no-quorum", host: left.host, lost: [...known, ...unlisted], rivals };
}

/**
 * What a majority took is nowhere else: then nothing is lost by going on without those that are out of the group. One that
 * was just started asks for its way in, and is waited for.
 */
async function holdsAllOf(ports: Ports, left: Member, out: readonly Answer[]): Promise<boolean> {
  const facts: (Answer & GroupFacts)[] = [];
  for (const answer of [left, ...out]) {
    const group = await askServer(ports, () => ports.keyring.connect({ host: answer.host }), readGroupFacts);
    if (group === "silent" || group.isStarting) return false;
    facts.push({ ...answer, ...group });
  }
  const largest = await askServer(
    ports,
    () => ports.keyring.connect({ host: left.host }),
    (session) => largestSet(session, facts),
  );
  return typeof largest !== "string" && largest.host === left.host;
}

/** A unit that was in the group, and that no record lists yet, may have rows that no member has. */
async function lacks(
  ports: Ports,
  { host }: Answer,
  strangers: readonly Answer[],
): Promise<boolean | "silent"> {
  for (const stranger of strangers) {
    const { gtidExecuted } = stranger.view.server;
    const missing = await askServer(
      ports,
      () => ports.keyring.connect({ host }),
      (session) => missingHere(session, gtidExecuted),
    );
    if (missing === "") continue;
    const theirs = await askServer(
      ports,
      () => ports.keyring.connect({ host: stranger.host }),
      readUserDatabases,
    );
    if (missing === "silent" || theirs === "silent") return "silent";
    if (theirs.length > 0) return true;
  }
  return false;
}

async function outage(
  ports: Ports,
  members: readonly Member[],
  strangers: readonly Answer[],
): Promise<Outage | { readonly kind: "unknown" }> {
  const facts: (Member & GroupFacts)[] = [];
  for (const member of members) {
    const group = await askServer(ports, () => ports.keyring.connect({ host: member.host }), readGroupFacts);
    if (group !== "silent") facts.push({ ...member, ...group });
  }
  const first = facts[0];
  if (first === undefined) return { kind: "unknown" };
  const largest = await askServer(
    ports,
    () => ports.keyring.connect({ host: first.host }),
    (session) => largestSet(session, facts),
  );
  if (largest === "silent") return { kind: "unknown" };
  const isLacking = largest !== "diverged" && (await lacks(ports, largest, strangers));
  if (isLacking === "silent") return { kind: "unknown" };
  const best = isLacking ? "diverged" : largest;
  const { metadata, view } = best === "diverged" ? first : best;
  const records = clusterMembers(metadata);
  const answered = facts.map(({ view }) => view.server.uuid);
  const unheard = records.filter(({ uuid }) => !answered.includes(uuid));
  const { gone } = await removedByJuju(ports, unheard, () => false);
  const { invalidated, rivals } = await standingInSet(ports, view);
  return {
    kind: "outage",
    clusterName: metadata.clusterName,
    inSet: metadata.set !== undefined,
    silent: unheard.filter((record) => !gone.includes(record)).map(({ label }) => label),
    // AdminAPI starts an invalidated cluster without those that are silent anyway, and takes no force for it.
    force: gone.length > 0 && !invalidated,
    best: best === "diverged" ? best : best.host,
    heldBack: facts.every((each) => each.heldBack),
    rivals,
  };
}

/**
 * `rivals`: other clusters that none of their members can speak for. A standby comes up read-only whoever leads. What those
 * that answer say is AdminAPI's to follow: it takes the newest record of all, and keeps an invalidated cluster read-only.
 */
async function standingInSet(
  ports: Ports,
  view: ServerView,
): Promise<{ readonly invalidated: boolean; readonly rivals: readonly string[] }> {
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  if (set?.role !== "PRIMARY") return { invalidated: set?.invalidated === true, rivals: [] };
  const others = await askOthers(ports, view);
  const silent = [...others].filter(([, other]) => other === "unreachable").map(([name]) => name);
  return { invalidated: withNewest(view, others).standing === "invalidated", rivals: silent };
}
