// What happens without the charm: MySQL and its machines go on by themselves, fail, come back, and clients write.
import { deliver, hasUndelivered, refreshConnections } from "./channel.ts";
import { commit } from "./data.ts";
import { Hangs } from "./errors.ts";
import { acceptsWrites } from "./facts.ts";
import { expel, expellable, vanish } from "./groups.ts";
import { goOn, nextOf } from "./jobs.ts";
import { lookForGroup, lose, startServer } from "./machine.ts";
import { cutSites, healSites } from "./network.ts";
import { recover } from "./recovery.ts";
import { type MysqlState, serverOf } from "./state.ts";

export interface Move {
  /** A sentence, the only one of its name in its state. */
  readonly name: string;
  readonly apply: (state: MysqlState) => void;
}

/** What can happen next by itself. */
export function naturalMoves(state: MysqlState): readonly Move[] {
  const hosts = Object.keys(state.servers).sort();
  return [...hosts.flatMap((host) => serverMoves(state, host)), ...groupMoves(state), ...jobMoves(state)].map(
    ({ name, apply }) => ({
      name,
      apply: (next) => {
        apply(next);
        refreshConnections(next);
      },
    }),
  );
}

function serverMoves(state: MysqlState, host: string): readonly Move[] {
  const server = serverOf(state, host);
  const moves: Move[] = [];
  if (server.up && server.starting)
    moves.push({
      name: `MySQL on ${host} ends looking for its group`,
      apply: (next) => lookForGroup(next, serverOf(next, host)),
    });
  if (server.up && state.groups[server.groupName ?? ""]?.members[host] === "RECOVERING")
    moves.push({
      name: `MySQL on ${host} ends its recovery`,
      apply: (next) => recover(next, serverOf(next, host)),
    });
  if (hasUndelivered(state, server))
    moves.push({
      name: `the channel brings ${host} what it lacks`,
      apply: (next) => deliver(next, serverOf(next, host)),
    });
  return moves;
}

function groupMoves(state: MysqlState): readonly Move[] {
  return Object.entries(state.groups).flatMap(([name, group]) =>
    expellable(group).map((host) => ({
      name: `the group of ${host} goes on without it`,
      apply: (next: MysqlState) => expel(next, name, host),
    })),
  );
}

/** Jobs on machines that run. */
function jobMoves(state: MysqlState): readonly Move[] {
  return Object.entries(state.jobs)
    .filter(([, job]) => job.state === "running")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, job]) => ({
      name: `job ${job.name} of ${job.unit} ${nextOf(job)}`,
      apply: (next) => {
        const found = next.jobs[key];
        if (found !== undefined) goOn(next, found);
      },
    }));
}

/** The machine of a host loses its power: all that runs there is gone at once, what is on its disks stays. */
export function powerOff(state: MysqlState, host: string): void {
  const server = serverOf(state, host);
  vanish(state, server);
  server.power = false;
  for (const job of Object.values(state.jobs))
    if (job.host === host && job.state === "running") job.state = "lost";
  lose(state, server);
}

export function powerOn(state: MysqlState, host: string): void {
  const server = serverOf(state, host);
  server.power = true;
  if (server.enabled) startServer(server);
  refreshConnections(state);
}

/** No packet passes between two sites any more. */
export function cut(state: MysqlState, siteA: string, siteB: string): void {
  cutSites(state, siteA, siteB);
  refreshConnections(state);
}

export function heal(state: MysqlState, siteA: string, siteB: string): void {
  healSites(state, siteA, siteB);
  refreshConnections(state);
}

/** A client inserts a row there. */
export function clientWrite(state: MysqlState, host: string, row: string): "acknowledged" | "refused" {
  if (!acceptsWrites(state, host)) return "refused";
  try {
    commit(state, serverOf(state, host), ({ rows }, id) => {
      rows[id] = row;
    });
    return "acknowledged";
  } catch (error) {
    if (error instanceof Hangs) return "refused";
    throw error;
  }
}

export interface Wake {
  readonly host: string;
  readonly unit: string;
  readonly job: string;
}

/** Jobs that ended and whose unit is still to be run because of it; of machines that run. */
export function wakes(state: MysqlState): readonly Wake[] {
  return Object.values(state.jobs)
    .filter((job) => job.state === "ended" && job.wakes && serverOf(state, job.host).power)
    .map(({ host, unit, name }) => ({ host, unit, job: name }))
    .sort((a, b) => (a.unit + a.job < b.unit + b.job ? -1 : 1));
}

export function takeWake(state: MysqlState, { unit, job }: Wake): void {
  const found = state.jobs[`${unit} ${job}`];
  if (found !== undefined) found.wakes = false;
}
