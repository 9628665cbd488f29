// The channel by which a standby's primary gets the transactions of the primary cluster.
import type { ChannelFacts } from "../../../src/mysql/channel.ts";
import { catchUp } from "./data.ts";
import { groupOf, hasQuorum, onlineHosts, primaryOf } from "./groups.ts";
import { isSubset } from "./gtid.ts";
import { isCut } from "./network.ts";
import { type Channel, type MysqlState, type Server, serverOf } from "./state.ts";

/** The server that the channel gets transactions from now; undefined while it finds none. */
export function sourceOf(state: MysqlState, server: Server): Server | undefined {
  const { channel } = server;
  if (channel === undefined || !channel.running || !server.up) return undefined;
  const group = state.groups[channel.sourceGroup];
  const source = group === undefined ? undefined : primaryOf(state, group);
  if (source === undefined || !source.up || isCut(state, server.site, source.site)) return undefined;
  return channel.connected || channel.account === accountAt(source, server) ? source : undefined;
}

/** Which password the source takes of the channel's account. */
function accountAt({ data }: Server, server: Server): number | undefined {
  const cluster = server.data.metadata?.instances[server.uuid]?.cluster;
  const known = cluster ?? data.metadata?.instances[server.uuid]?.cluster;
  return known === undefined ? undefined : data.metadata?.clusters[known]?.account;
}

/** Channels that lost their source dial anew, with the password that they have; what is connected stays so. */
export function refreshConnections(state: MysqlState): void {
  for (const server of Object.values(state.servers))
    if (server.channel !== undefined) server.channel.connected = sourceOf(state, server) !== undefined;
}

/** As the server itself says. */
export function channelFacts(state: MysqlState, server: Server): ChannelFacts | undefined {
  const { channel } = server;
  if (channel === undefined) return undefined;
  const receiver = !channel.running ? "OFF" : sourceOf(state, server) === undefined ? "CONNECTING" : "ON";
  const applier = channel.running && channel.error === 0 ? "ON" : "OFF";
  return { receiver, applier, errorNumber: channel.error, lagSeconds: 0, lastReceived: "" };
}

/** Whether there is anything that the channel could bring. */
export function hasUndelivered(state: MysqlState, server: Server): boolean {
  return lacksOfSource(state, server) && canDecide(state, server);
}

/** Whether its applier waits in a commit for a group that cannot decide: it cannot be stopped then, as long as the group stands. */
export function isApplierStuck(state: MysqlState, server: Server): boolean {
  return lacksOfSource(state, server) && !canDecide(state, server);
}

function lacksOfSource(state: MysqlState, server: Server): boolean {
  const source = sourceOf(state, server);
  if (source === undefined || server.channel?.error !== 0) return false;
  return !isSubset(source.data.executed, server.data.executed);
}

function canDecide(state: MysqlState, server: Server): boolean {
  const group = groupOf(state, server);
  return group === undefined || hasQuorum(group);
}

/** Brings all that the source has by now, to the whole group. */
export function deliver(state: MysqlState, server: Server): void {
  const source = sourceOf(state, server);
  const { channel } = server;
  if (source === undefined || channel === undefined || channel.error !== 0) return;
  if (!isSubset(source.purged, server.data.executed)) {
    Object.assign(channel, { error: 13_114, running: false, connected: false });
    return;
  }
  channel.connected = true;
  if (server.data.gaps !== undefined) {
    channel.error = 1146;
    return;
  }
  catchUp(server, source);
  const group = groupOf(state, server);
  if (group === undefined) return;
  for (const host of onlineHosts(group)) if (host !== server.host) catchUp(serverOf(state, host), server);
}

export function stopChannel({ channel }: Server): void {
  if (channel !== undefined) Object.assign(channel, { running: false, connected: false });
}

export function startChannel({ channel }: Server): void {
  if (channel !== undefined) Object.assign(channel, { running: true, error: 0 });
}

/** Points a server at its source; the channel is stopped then. */
export function defineChannel(
  server: Server,
  given: Pick<Channel, "source" | "sourceGroup" | "failover" | "account">,
): void {
  server.channel = { ...given, running: false, connected: false, error: 0 };
}
