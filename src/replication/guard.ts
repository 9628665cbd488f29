// Wires the guard's table to its ports. Runs on every unit, before anything that heals: any member can make its group's primary read-only.
import type { Domain } from "../../lib/index.ts";
import { viewLocal } from "../cluster/domain.ts";
import { readNames } from "../identity/domain.ts";
import { stopWrites } from "../mysql/fence.ts";
import { leaveSet } from "../mysql/leave-set.ts";
import { readElectsWritable, readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { isSameName } from "../wire/names.ts";
import { readSetRelations } from "../wire/peers.ts";
import { hearsOfFailover, otherSites } from "./announce.ts";
import { decideGuard, type GuardFacts, type GuardStep } from "./decide-guard.ts";
import { primaryHost, requireView, viewPrimary } from "./local-cluster.ts";
import { type Newest, type Others, refusesPasswords, withNewest } from "./set-copies.ts";

/** `view` and `others` are what was read when the pass began. */
export function guardDomain(
  ports: Ports,
  view: ServerView | "unknown",
  others: Others,
): Domain<GuardFacts, GuardStep> {
  let first: ServerView | "unknown" | undefined = view;
  return {
    name: "guard",
    observe: async () => {
      const seen = first ?? (await viewForGuard(ports));
      first = undefined;
      return await observe(ports, seen, others);
    },
    decide: decideGuard,
    perform: (step) => (step === "fence" ? fence(ports) : leave(ports)),
  };
}

/** A cluster that lies still has no primary to look through, and must not be made writable unasked either. */
export async function viewForGuard(ports: Ports): Promise<ServerView | "unknown"> {
  const primary = await viewPrimary(ports);
  return primary === "unknown" ? await viewLocal(ports) : primary;
}

async function observe(ports: Ports, view: ServerView | "unknown", others: Others): Promise<GuardFacts> {
  if (view === "unknown" || view.metadata === "absent" || view.metadata.set === undefined) {
    const nothing = { clusterName: "", setName: "", related: false, othersSilent: false };
    return { ...nothing, standing: "none", primary: undefined };
  }
  const newest = withNewest(view, others);
  const standing = await standingIn(ports, newest, others);
  const isQuiet = standing === "member" || (standing === "standby" && view.server.superReadOnly);
  const primary = isQuiet ? undefined : await readPrimary(ports, view);
  const { clusterName, set } = view.metadata;
  const related = (await otherSites(ports)).length > 0;
  const othersSilent = newest.answered === 0;
  return { clusterName, setName: set.domain, related, standing, othersSilent, primary };
}

async function standingIn(ports: Ports, newest: Newest, others: Others): Promise<GuardFacts["standing"]> {
  if (await isReplaced(ports, newest)) return "invalidated";
  if (await isLetGo(ports, newest, others)) return "removed";
  return await standingOf(ports, newest);
}

/**
 * The record cannot be asked any more: the relation has ended, and the cluster that led has other passwords since, which its
 * charm takes into use only once no cluster without a relation is in its set.
 */
async function isLetGo(ports: Ports, { view, standing }: Newest, others: Others): Promise<boolean> {
  if (view.metadata === "absent" || view.metadata.set?.role !== "REPLICA" || standing !== "member")
    return false;
  const leader = view.metadata.set.clusters.find(({ role }) => role === "PRIMARY")?.name;
  if (leader === undefined || others.get(leader) !== "unreachable") return false;
  if (!(await hasPartedFrom(ports, leader))) return false;
  return await refusesPasswords(ports, view.metadata, leader);
}

/** Also where the leader noted that already, and forgot the relation. */
async function hasPartedFrom(ports: Ports, cluster: string): Promise<boolean> {
  const names = await readNames(ports);
  const present = (await otherSites(ports)).map(({ id }) => String(id));
  if (names?.["removed-from-cluster-set"] === "true" && present.length === 0) return true;
  const recorded = Object.entries(readSetRelations(names?.["set-relations"]));
  const theirs = recorded.filter(([, each]) => isSameName(each.cluster, cluster));
  return theirs.length > 0 && theirs.every(([id]) => !present.includes(id));
}

/** Told to the leader only: a promotion is its own action, so that it never looks in the middle of one of its site's. */
async function standingOf(ports: Ports, { view, standing }: Newest): Promise<GuardFacts["standing"]> {
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  if (standing !== "member" || set?.role !== "REPLICA") return standing;
  return (await ports.model.leadership()) === undefined ? standing : "standby";
}

/** A forced failover always invalidates the cluster that led before. */
async function isReplaced(ports: Ports, { view, standing }: Newest): Promise<boolean> {
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  return standing === "member" && set?.role === "PRIMARY" && (await hearsOfFailover(ports, set));
}

async function readPrimary(ports: Ports, view: ServerView): Promise<GuardFacts["primary"]> {
  const host = primaryHost(view);
  if (host === undefined) return undefined;
  try {
    await using session = await ports.keyring.connect({ host });
    const { superReadOnly } = (await readServer(session)).server;
    return { superReadOnly, electsWritable: await readElectsWritable(session) };
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}

/** Over SQL, since MySQL Shell wants the whole set to be there. */
async function fence(ports: Ports): Promise<void> {
  const host = primaryHost(await requireView(ports, "Stopping writes"));
  if (host === undefined) throw new MysqlProblem("no-quorum", "Stopping writes", "");
  await using session = await ports.keyring.connect({ host });
  await stopWrites(session);
}

/** What AdminAPI does to the members of a cluster that it removes, for those that it could not reach. */
async function leave(ports: Ports): Promise<void> {
  await using session = await ports.keyring.connectLocal();
  await leaveSet(session);
}
