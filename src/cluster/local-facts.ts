// This unit's server, as the table of its place in its cluster wants to know it. What a healthy member needs no answer to is not asked.
import { readChannel } from "../mysql/channel.ts";
import { type GroupFacts, hasQuorum, livePrimary, readGroupFacts } from "../mysql/group.ts";
import { hasLeftovers, isAdministered } from "../mysql/leave-set.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { unitLabel } from "../wire/names.ts";
import type { LocalFacts } from "./facts.ts";
import { askServer } from "./peers.ts";

/** `view` is what the server itself said. "unknown" where it says no more. */
export async function localFacts(ports: Ports, view: ServerView): Promise<LocalFacts | "unknown"> {
  const { metadata, member, server } = view;
  const record =
    metadata === "absent" ? undefined : metadata.instances.find((each) => each.uuid === server.uuid);
  const facts = {
    member: member.state,
    cluster: metadata === "absent" ? ("absent" as const) : ("present" as const),
    inCluster: metadata === "absent" ? "" : metadata.clusterName,
    labelled: record?.label === unitLabel(ports.model.context.unit),
    inSet: metadata !== "absent" && metadata.set !== undefined,
    primary: member.role === "PRIMARY",
    quorum: hasQuorum(view),
    readOnly: false,
    starting: false,
    heldBack: false,
    leftovers: false,
    writable: metadata === "absent" && !server.superReadOnly,
    ...(await halfWay(ports, view)),
  };
  if (metadata === "absent") {
    const leftovers = await askServer(ports, () => ports.keyring.connectLocal(), hasLeftovers);
    if (leftovers === "silent") return "unknown";
    return { ...facts, leftovers: leftovers || server.halfMetadata };
  }
  const reader = member.state === "ONLINE" && !(facts.primary && server.superReadOnly);
  if (reader) return facts;
  const group = await askServer(ports, () => ports.keyring.connectLocal(), readGroupFacts);
  if (group === "silent") return "unknown";
  return { ...facts, ...comeBack(view, group) };
}

/** On its way into a ClusterSet or out of one. The group's primary is the member that AdminAPI is connected to. */
async function halfWay(
  ports: Ports,
  view: ServerView,
): Promise<Pick<LocalFacts, "halfInSet" | "administered">> {
  const { metadata, member } = view;
  if (metadata === "absent" ? member.state === "OFFLINE" : metadata.set !== undefined)
    return { halfInSet: false, administered: false };
  const channel = await askServer(ports, () => ports.keyring.connectLocal(), readChannel);
  const host = livePrimary(view)?.host;
  const administered = await askServer(
    ports,
    () => (host === undefined ? ports.keyring.connectLocal() : ports.keyring.connect({ host })),
    isAdministered,
  );
  return {
    halfInSet: metadata !== "absent" && channel !== "silent" && channel !== undefined,
    administered: administered === "silent" || administered,
  };
}

/** A primary cluster's primary takes writes, unless a person fenced them off: then the group was told so. */
function comeBack(
  view: ServerView,
  group: GroupFacts,
): Pick<LocalFacts, "readOnly" | "starting" | "heldBack"> {
  const { metadata, member } = view;
  const set = metadata === "absent" ? undefined : metadata.set;
  // With other clusters around, one of them may lead by now: what this server knows of it can be old.
  const leads =
    set === undefined || (set.role === "PRIMARY" && !set.invalidated && set.clusters.length === 1);
  return {
    readOnly: member.state === "ONLINE" && leads && hasQuorum(view) && group.electionWrites,
    starting: group.isStarting,
    heldBack: group.heldBack,
  };
}
