// How this unit stands: what it tells its peers, and the status of a member that is well.
import type { Status } from "../../lib/index.ts";
import { type ChannelFacts, readChannel } from "../mysql/channel.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { statuses } from "../statuses.ts";
import { type MemberState, PEERS } from "../wire/peers.ts";
import { memberHost } from "../workload/domain.ts";

/** Tells the peers. They wait for `online` to join, and ask the host that is given here. */
export async function publishStanding(
  ports: Ports,
  view: ServerView | "unknown",
  configured: boolean,
): Promise<void> {
  const peers = await ports.model.peer(PEERS);
  if (peers === undefined) return;
  ports.model.writeUnit(peers, {
    "member-state": memberState(view),
    "member-role": memberRole(view),
    ...(configured
      ? { "unit-configured": "True", "instance-hostname": `${await memberHost(ports)}:3306` }
      : {}),
    ...(view === "unknown" ? {} : { "unit-initialized": view.metadata === "absent" ? "" : "True" }),
  });
}

function memberState(view: ServerView | "unknown"): MemberState {
  if (view === "unknown") return "unknown";
  if (view.metadata === "absent") return "waiting";
  return view.member.state.toLowerCase() as MemberState;
}

function memberRole(view: ServerView | "unknown"): "primary" | "secondary" | "unknown" {
  if (view === "unknown" || view.member.role === "") return "unknown";
  return view.member.role === "PRIMARY" ? "primary" : "secondary";
}

/** The status of an online member, by its role in its cluster and its cluster's role in the ClusterSet. */
export async function standingStatus(ports: Ports, view: ServerView): Promise<Status> {
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  const leads = view.member.role === "PRIMARY";
  if (set?.invalidated && view.metadata !== "absent") return statuses.invalidated(view.metadata.clusterName);
  if (set === undefined || set.role === "PRIMARY") {
    if (!leads) return statuses.secondary;
    if (set === undefined) return statuses.primary;
    // AdminAPI gives up the channel of the cluster that it promotes last of all; a restart makes it writable before that.
    if (set.clusters.length > 1 && (await channel(ports)) !== undefined)
      return statuses.switchoverCutOff(set.domain);
    return view.server.readOnly ? statuses.fenced : statuses.primary;
  }
  if (!leads || view.metadata === "absent") return statuses.standbySecondary;
  return channelStatus(await channel(ports), view.metadata.clusterName);
}

/** Pure: what the channel from the primary cluster says about a standby. */
export function channelStatus(facts: ChannelFacts | undefined, clusterName: string): Status {
  if (facts === undefined) return statuses.standbyNotReplicating("not set up", clusterName);
  if (facts.receiver === "CONNECTING") return statuses.standbyConnecting;
  if (facts.receiver === "OFF" || facts.applier === "OFF") {
    return statuses.standbyNotReplicating(
      facts.errorNumber === 0 ? "stopped" : `stopped by error ${facts.errorNumber}`,
      clusterName,
    );
  }
  return statuses.standbyPrimary(facts.lagSeconds);
}

async function channel(ports: Ports): Promise<ChannelFacts | undefined> {
  try {
    await using session = await ports.keyring.connectLocal();
    return await readChannel(session);
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}
