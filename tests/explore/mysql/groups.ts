// Replication groups: who is a member, who is the primary, and what becomes of a member that comes or goes.
import { SqlError } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { isSubset } from "./gtid.ts";
import { type Group, type MysqlState, type Server, serverOf } from "./state.ts";

/** The group in whose view a server is; undefined for one that is out of it. */
export function groupOf(state: MysqlState, { host, groupName, up }: Server): Group | undefined {
  const group = groupName === undefined ? undefined : state.groups[groupName];
  const own = group?.members[host];
  return up && own !== undefined && own !== "UNREACHABLE" ? group : undefined;
}

export function hasQuorum(group: Group): boolean {
  const states = Object.values(group.members);
  return states.filter((each) => each !== "UNREACHABLE").length * 2 > states.length;
}

export function isOnline(state: MysqlState, server: Server): boolean {
  return groupOf(state, server)?.members[server.host] === "ONLINE";
}

/** The server that takes the writes of a group which can decide. */
export function primaryOf(state: MysqlState, group: Group): Server | undefined {
  const { primary, members } = group;
  const leads = primary !== undefined && members[primary] === "ONLINE" && hasQuorum(group);
  return leads ? state.servers[primary] : undefined;
}

export function onlineHosts(group: Group): readonly string[] {
  return Object.keys(group.members)
    .filter((host) => group.members[host] === "ONLINE")
    .sort();
}

/** Starts a group of one. */
export function bootstrap(state: MysqlState, server: Server, name: string): void {
  if (groupOf(state, server) !== undefined) throw new SqlError(3093, "HY000", "The member is in a group");
  settle(server, name);
  state.groups[name] = { members: { [server.host]: "ONLINE" } };
  elect(state, name);
}

/** What START GROUP_REPLICATION needs, and leaves persisted. */
function settle(server: Server, name: string): void {
  Object.assign(server, { groupName: name, startOnBoot: true, persistedReadOnly: true, offlineMode: false });
  Object.assign(server, { starting: false, stopped: "OFFLINE", superReadOnly: true, readOnly: true });
}

/** Comes into a running group. Throws where there is none that could decide, or that has not all the server's transactions. */
export function enter(state: MysqlState, server: Server, name: string): void {
  const group = state.groups[name];
  const primary = group === undefined ? undefined : primaryOf(state, group);
  if (group === undefined || primary === undefined) throw new SqlError(3092, "HY000", "No group to join");
  settle(server, name);
  if (!isSubset(server.data.executed, primary.data.executed)) {
    server.stopped = "ERROR";
    throw new SqlError(3092, "HY000", "The member contains transactions not present in the group");
  }
  group.members[server.host] = "RECOVERING";
  server.actions = { ...primary.actions };
}

/** Out of the group at the server's own wish: the others know at once. */
export function leave(state: MysqlState, server: Server, stopped: Server["stopped"] = "OFFLINE"): void {
  const { groupName, host } = server;
  const group = groupOf(state, server);
  Object.assign(server, { starting: false, stopped });
  if (group === undefined || groupName === undefined) return;
  Object.assign(server, { superReadOnly: true, readOnly: true });
  stopFollowing(server);
  remove(state, groupName, host);
}

/** Takes a member out of its group's view. Nobody is left: no group. */
function remove(state: MysqlState, name: string, host: string): void {
  const group = state.groups[name];
  if (group === undefined) return;
  delete group.members[host];
  if (group.primary === host) delete group.primary;
  if (Object.values(group.members).every((each) => each === "UNREACHABLE")) delete state.groups[name];
  else elect(state, name);
}

/** It went without a word: the others see it unreachable until they can decide to expel it. */
export function vanish(state: MysqlState, server: Server): void {
  const { groupName, host } = server;
  const group = groupOf(state, server);
  if (group === undefined || groupName === undefined) return;
  group.members[host] = "UNREACHABLE";
  if (Object.values(group.members).every((each) => each === "UNREACHABLE")) delete state.groups[groupName];
}

/** Members that can be expelled: unreachable ones of groups that can decide. */
export function expellable(group: Group): readonly string[] {
  return hasQuorum(group)
    ? Object.keys(group.members).filter((host) => group.members[host] === "UNREACHABLE")
    : [];
}

export function expel(state: MysqlState, name: string, host: string): void {
  remove(state, name, host);
}

/** The members that are left go on without those that cannot be reached, although they are too few to decide it. */
export function forceMembers(state: MysqlState, name: string): void {
  const group = state.groups[name];
  for (const host of Object.keys(group?.members ?? {}))
    if (group?.members[host] === "UNREACHABLE") remove(state, name, host);
}

/** The online member with the lowest uuid becomes the primary, where there is none. */
function elect(state: MysqlState, name: string): void {
  const group = state.groups[name];
  const first = group === undefined ? undefined : onlineHosts(group)[0];
  if (group === undefined || first === undefined || group.primary !== undefined || !hasQuorum(group)) return;
  group.primary = first;
  becomePrimary(serverOf(state, first));
}

/** An ordered election. The old primary is read-only before the new one writes. */
export function handOver(state: MysqlState, name: string, host: string): void {
  const group = state.groups[name];
  if (group?.members[host] !== "ONLINE" || !hasQuorum(group))
    throw new SqlError(3910, "HY000", "No election");
  if (group.primary === host) return;
  const old = group.primary === undefined ? undefined : state.servers[group.primary];
  if (old !== undefined) {
    Object.assign(old, { superReadOnly: true, readOnly: true });
    stopFollowing(old);
  }
  group.primary = host;
  becomePrimary(serverOf(state, host));
}

/** What the group's member actions do after an election. */
function becomePrimary(server: Server): void {
  if (server.actions.writable) Object.assign(server, { superReadOnly: false, readOnly: false });
  if (server.actions.channel && server.channel !== undefined)
    Object.assign(server.channel, { running: true, failover: true, connected: false, error: 0 });
}

function stopFollowing(server: Server): void {
  if (server.channel !== undefined) Object.assign(server.channel, { running: false, connected: false });
}

/** Changes a member action: the group takes it over from its primary. */
export function setActions(state: MysqlState, server: Server, actions: Partial<Server["actions"]>): void {
  const group = groupOf(state, server);
  const members = Object.values(state.servers).filter((each) => groupOf(state, each) === group);
  for (const each of group === undefined ? [server] : members) Object.assign(each.actions, actions);
}
