// The copies of the ClusterSet's record: every cluster has one, and the newest counts. A cluster that was replaced learns it here only.
import { type ChannelFacts, readChannel } from "../mysql/channel.ts";
import { type Metadata, readServer, type ServerView, type SetRecord } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { primaryHost } from "./local-cluster.ts";

/** A cluster of the set as one of its members sees it, the group's primary where that answers. */
export type ClusterView =
  | { readonly view: ServerView; readonly channel: ChannelFacts | undefined }
  | "unreachable";

/** The other clusters of the set, by name. Empty for a cluster that is in no set, or alone in it. */
export type Others = ReadonlyMap<string, ClusterView>;

/** What the newest copy says of this cluster. `removed`: the set has no such cluster any more. */
export type Standing = "member" | "invalidated" | "removed";

/** This cluster's view with the newest record of its set in place of its own copy. */
export interface Newest {
  readonly view: ServerView;
  readonly standing: Standing;
  /** How many other clusters answered. With none, the own copy is all there is, and it can be old. */
  readonly answered: number;
}

/** A set has few clusters. Copies that name ever more of them are no answer, and must not be followed for ever. */
const MOST_CLUSTERS = 64;

/** Asks every other cluster of the set that any copy names. Takes as long as one connection, twice where servers are silent. */
export async function askOthers(ports: Ports, view: ServerView | "unknown"): Promise<Others> {
  if (view === "unknown" || view.metadata === "absent") return new Map();
  const { clusterName } = view.metadata;
  const others = new Map<string, ClusterView>();
  for (;;) {
    const { metadata } = withNewest(view, others).view;
    if (metadata === "absent" || metadata.set === undefined) return others;
    const names = metadata.set.clusters
      .map((each) => each.name)
      .filter((name) => name !== clusterName && !others.has(name))
      .slice(0, MOST_CLUSTERS - others.size);
    if (names.length === 0) return others;
    const answers = await Promise.all(names.map((name) => askCluster(ports, hostsOf(metadata, name))));
    for (const [at, name] of names.entries()) others.set(name, answers[at] ?? "unreachable");
  }
}

/** Pure. Records of other sets, and copies that are older, count for nothing. */
export function withNewest(view: ServerView, others: Others): Newest {
  const answers = [...others.values()].filter((each) => each !== "unreachable");
  const base = { view, standing: "member" as const, answered: answers.length };
  if (view.metadata === "absent" || view.metadata.set === undefined) return base;
  const { metadata } = view;
  let set = view.metadata.set;
  let instances = metadata.instances;
  for (const { view: other } of answers) {
    if (other.metadata === "absent" || !isNewer(other.metadata.set, set)) continue;
    set = other.metadata.set;
    instances = other.metadata.instances;
  }
  const row = set.clusters.find((each) => each.id === metadata.clusterId);
  if (row === undefined)
    return {
      ...base,
      view: { ...view, metadata: { ...metadata, instances, set: undefined } },
      standing: "removed",
    };
  const { role, invalidated } = row;
  return {
    ...base,
    view: { ...view, metadata: { ...metadata, instances, set: { ...set, role, invalidated } } },
    standing: invalidated ? "invalidated" : "member",
  };
}

function isNewer(candidate: SetRecord | undefined, than: SetRecord): candidate is SetRecord {
  if (candidate === undefined || candidate.id !== than.id) return false;
  const { generation, number } = candidate.view;
  return generation === than.view.generation ? number > than.view.number : generation > than.view.generation;
}

/** Host of the server that takes the writes of the whole set; undefined where its cluster has no primary, or was not reached. */
export function globalPrimaryHost({ view }: Newest, others: Others): string | undefined {
  if (view.metadata === "absent") return undefined;
  const leader = view.metadata.set?.clusters.find((each) => each.role === "PRIMARY" && !each.invalidated);
  if (leader === undefined) return undefined;
  if (leader.id === view.metadata.clusterId) return primaryHost(view);
  const other = others.get(leader.name);
  return other === undefined || other === "unreachable" ? undefined : primaryHost(other.view);
}

/** How another cluster answered. `restorable`: servers are there, but no member of them takes writes or leads. */
export function conditionOf(cluster: ClusterView | undefined): "online" | "restorable" | "silent" {
  if (cluster === undefined || cluster === "unreachable") return "silent";
  const { group } = cluster.view;
  const present = group.filter((each) => each.state === "ONLINE" || each.state === "RECOVERING").length;
  return primaryHost(cluster.view) !== undefined && present * 2 > group.length ? "online" : "restorable";
}

function hostsOf(metadata: Metadata, cluster: string): readonly string[] {
  return metadata.instances
    .filter((each) => each.cluster === cluster)
    .map((each) => each.address.split(":")[0] ?? "");
}

/** One member as a rule; when it is silent or out of its group, all the others at once. */
async function askCluster(ports: Ports, [first, ...rest]: readonly string[]): Promise<ClusterView> {
  if (first === undefined) return "unreachable";
  const one = await askMember(ports, first);
  const answers =
    one?.view.member.state === "ONLINE"
      ? [one]
      : [one, ...(await Promise.all(rest.map((host) => askMember(ports, host))))];
  const best = answers.filter((each) => each !== undefined).sort((a, b) => rank(a.view) - rank(b.view))[0];
  if (best === undefined) return "unreachable";
  const primary = primaryHost(best.view);
  if (primary === undefined || primary === best.view.server.host) return best;
  return (await askMember(ports, primary)) ?? best;
}

const rank = ({ member }: ServerView): number =>
  member.state === "ONLINE" ? 0 : member.state === "RECOVERING" ? 1 : 2;

async function askMember(ports: Ports, host: string): Promise<Exclude<ClusterView, string> | undefined> {
  try {
    await using session = await ports.keyring.connect({ host });
    const view = await readServer(session);
    return view.metadata === "absent" ? undefined : { view, channel: await readChannel(session) };
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    ports.log.info(`another cluster of the set: ${error.message}`);
    return undefined;
  }
}

/** Whether a server of that cluster answers, and takes none of the passwords that are known here. */
export async function refusesPasswords(ports: Ports, metadata: Metadata, cluster: string): Promise<boolean> {
  const answers = await Promise.all(
    hostsOf(metadata, cluster).map(async (host) => {
      try {
        await using _session = await ports.keyring.connect({ host });
        return "opens";
      } catch (error) {
        if (error instanceof MysqlProblem) return error.reason;
        throw error;
      }
    }),
  );
  return answers.includes("denied") && !answers.includes("opens");
}
