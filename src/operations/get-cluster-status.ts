// get-cluster-status: asks the servers over SQL and shows what they said, as a document and as a table.
import { type ActionContext, type NestedResults, OperatorError } from "../../lib/index.ts";
import {
  type ChannelFacts,
  type Metadata,
  readChannel,
  readServer,
  type ServerView,
} from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { viewPrimary } from "../replication/local-cluster.ts";
import { getClusterStatusSchema } from "../wire/actions.ts";
import {
  type ClusterView,
  clusterDocument,
  clusterSetDocument,
  clusterStatus,
  memberLines,
  textTable,
} from "./cluster-document.ts";

/** Any unit answers. Fails with the reason when its own server cannot be asked. */
export async function getClusterStatus(ports: Ports, action: ActionContext): Promise<void> {
  const request = await action.params("get-cluster-status", getClusterStatusSchema);
  const view = await ownView(ports);
  if (view.metadata === "absent") {
    throw new OperatorError("This unit is in no cluster. Its status in juju status says what it waits for.");
  }
  if (!request["cluster-set"]) {
    const channel = await channelOf(ports, view);
    show(action, clusterDocument(view, channel), [
      ["Member", "Role", "Mode", "State", "Address"],
      ...memberLines(view).map((line) => [line.label, line.memberrole, line.mode, line.status, line.address]),
    ]);
    return;
  }
  const { set } = view.metadata;
  if (set === undefined) throw new OperatorError("This cluster is in no ClusterSet.");
  const seen = await askClusters(ports, view, view.metadata, set);
  const rows = [...seen].flatMap(([name, cluster]) => clusterRows(name, cluster, set));
  show(action, clusterSetDocument(set, seen), [
    ["Cluster", "Role", "Status", "Member", "Member role", "State"],
    ...rows,
  ]);
}

function show(action: ActionContext, status: NestedResults, rows: readonly (readonly string[])[]): void {
  action.setResults({ success: "True", status, json: JSON.stringify(status), table: textTable(rows) });
}

/** The primary's view where it can be had, else this server's own. */
async function ownView(ports: Ports): Promise<ServerView> {
  const view = await viewPrimary(ports);
  if (view !== "unknown") return view;
  try {
    await using session = await ports.keyring.connectLocal();
    return await readServer(session);
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(`This unit's MySQL could not be asked: ${error.message}. Try another unit.`);
  }
}

async function askClusters(
  ports: Ports,
  own: ServerView,
  metadata: Metadata,
  set: NonNullable<Metadata["set"]>,
): Promise<ReadonlyMap<string, ClusterView>> {
  const answers = await Promise.all(
    set.clusters.map(async ({ name }): Promise<readonly [string, ClusterView]> => {
      if (name === metadata.clusterName) return [name, { view: own, channel: await channelOf(ports, own) }];
      const hosts = metadata.instances
        .filter((each) => each.cluster === name)
        .map((each) => each.address.split(":")[0] ?? "");
      return [name, await askCluster(ports, hosts)];
    }),
  );
  return new Map(answers);
}

/** The first member that answers, preferably the group's primary: it alone has the channel. */
async function askCluster(ports: Ports, hosts: readonly string[]): Promise<ClusterView> {
  for (const host of hosts) {
    try {
      await using session = await ports.keyring.connect({ host });
      const view = await readServer(session);
      if (view.metadata === "absent" || view.member.state !== "ONLINE") continue;
      if (view.member.role === "PRIMARY") return { view, channel: await readChannel(session) };
      const primary = view.group.find((each) => each.role === "PRIMARY" && each.state === "ONLINE")?.host;
      if (primary === undefined) return { view, channel: undefined };
      await using leader = await ports.keyring.connect({ host: primary });
      return { view: await readServer(leader), channel: await readChannel(leader) };
    } catch (error) {
      if (!(error instanceof MysqlProblem)) throw error;
      ports.log.info(`get-cluster-status: ${error.message}`);
    }
  }
  return "unreachable";
}

async function channelOf(ports: Ports, view: ServerView): Promise<ChannelFacts | undefined> {
  const primary = view.group.find((each) => each.role === "PRIMARY" && each.state === "ONLINE")?.host;
  if (primary === undefined) return undefined;
  try {
    await using session = await ports.keyring.connect({ host: primary });
    return await readChannel(session);
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}

function clusterRows(
  name: string,
  cluster: ClusterView,
  set: NonNullable<Metadata["set"]>,
): readonly (readonly string[])[] {
  const role = set.clusters.find((each) => each.name === name)?.role.toLowerCase() ?? "";
  if (cluster === "unreachable") return [[name, role, "unreachable", "", "", ""]];
  const { status } = clusterStatus(cluster.view);
  return memberLines(cluster.view).map((line, at) => [
    at === 0 ? name : "",
    at === 0 ? role : "",
    at === 0 ? status : "",
    line.label,
    line.memberrole,
    line.status,
  ]);
}
