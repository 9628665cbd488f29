// What MySQL itself guarantees, whatever anybody does: a state that breaks it is the model's own fault.
import { groupOf, hasQuorum, onlineHosts } from "./groups.ts";
import { gtidText } from "./gtid.ts";
import type { Group, MysqlState, Server } from "./state.ts";

/** Sentences about what cannot be; none where all is well. */
export function checkModel(state: MysqlState): readonly string[] {
  const servers = Object.values(state.servers);
  return [
    ...servers.flatMap((server) => checkServer(state, server)),
    ...Object.entries(state.groups).flatMap(([name, group]) => checkGroup(state, name, group)),
    ...Object.values(state.jobs)
      .filter((job) => job.state === "running" && state.servers[job.host]?.power !== true)
      .map((job) => `job ${job.name} of ${job.unit} runs on a machine that is off`),
  ];
}

function checkServer(state: MysqlState, server: Server): readonly string[] {
  const { host, up, power, snap, starting, superReadOnly, readOnly, channel } = server;
  const group = groupOf(state, server);
  const secondary = group !== undefined && group.primary !== host;
  const rules: readonly (readonly [boolean, string])[] = [
    [up && (!power || snap === undefined), "runs without power or program"],
    [starting && (!up || group !== undefined), "looks for a group that it is in, or does not run"],
    [superReadOnly && !readOnly, "is super_read_only but not read_only"],
    [secondary && !superReadOnly, "is a secondary and takes writes"],
    [channel?.running === true && (!up || secondary), "runs a channel that only a primary runs"],
    [channel?.connected === true && !channel.running, "is connected by a channel that does not run"],
  ];
  return rules.flatMap(([broken, what]) => (broken ? [`${host} ${what}`] : []));
}

function checkGroup(state: MysqlState, name: string, group: Group): readonly string[] {
  const online = onlineHosts(group);
  const sets = new Set(online.map((host) => gtidText(state.servers[host]?.data.executed ?? {})));
  const { primary, members } = group;
  const active = Object.keys(members).filter((host) => members[host] !== "UNREACHABLE");
  const rules: readonly (readonly [boolean, string])[] = [
    [active.length === 0, "has no member that is there"],
    [active.some((host) => state.servers[host]?.up !== true), "counts a member that does not run"],
    [active.some((host) => state.servers[host]?.groupName !== name), "has a member of another group"],
    [primary !== undefined && members[primary] === undefined, "is led by who is not in it"],
    [primary === undefined && online.length > 0 && hasQuorum(group), "could elect a primary and has none"],
    [sets.size > 1, "has online members with different transactions"],
  ];
  return rules.flatMap(([broken, what]) => (broken ? [`group ${name} ${what}`] : []));
}
