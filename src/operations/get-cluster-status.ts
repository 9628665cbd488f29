// get-cluster-status: asks the servers over SQL and shows what they said, as a document and as a table.
import { type ActionContext, type NestedResults, OperatorError } from "../../lib/index.ts";
import { type ChannelFacts, readChannel } from "../mysql/channel.ts";
import { readServer, type ServerView, type SetRecord } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { viewPrimary } from "../replication/local-cluster.ts";
import { askOthers, type ClusterView, withNewest } from "../replication/set-copies.ts";
import { getClusterStatusSchema } from "../wire/actions.ts";
import {
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
  const others = await askOthers(ports, view);
  const newest = withNewest(view, others);
  const { clusterName } = view.metadata;
  const set = newest.view.metadata === "absent" ? undefined : newest.view.metadata.set;
  if (set === undefined) throw new OperatorError("This cluster is in no ClusterSet.");
  const own: ClusterView = { view: newest.view, channel: await channelOf(ports, view) };
  const all: readonly (readonly [string, ClusterView])[] = [[clusterName, own], ...others];
  const seen = new Map(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
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

function clusterRows(name: string, cluster: ClusterView, set: SetRecord): readonly (readonly string[])[] {
  const record = set.clusters.find((each) => each.name === name);
  const role = record?.invalidated === true ? "invalidated" : (record?.role.toLowerCase() ?? "");
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
