// The invariants: what must hold in every world that can be reached. In prose: docs/explanation/invariants.md.

import { writersOf } from "./ledger.ts";
import type { Happened, Move } from "./moves.ts";
import { accepts, isUp, rowsOn, setOf } from "./mysql/facts.ts";
import { type ExploreState, hostOf, type WrittenRow } from "./state.ts";

export const invariants = [
  "No split brain",
  "No silent loss",
  "No destruction on a guess",
  "No dead end",
  "No lock-out",
  "Repeatable",
] as const;
export type Invariant = (typeof invariants)[number];

/** An invariant that does not hold, and what shows it. */
export interface Breach {
  readonly invariant: Invariant;
  readonly what: string;
}

/** What must hold after every move. */
export function checkMove(before: ExploreState, move: Move, { state }: Happened): readonly Breach[] {
  return [...splitBrain(state, false), ...destroyed(before, move, state)];
}

/** What must hold besides, once faults are over and nothing is due any more. */
export function checkRest(state: ExploreState): readonly Breach[] {
  return [...splitBrain(state, true), ...lost(state), ...untold(state), ...lockedOut(state)];
}

const breach = (invariant: Invariant, what: string): Breach => ({ invariant, what });

/** Hosts that take writes, by the history that they write: a set, or a cluster outside of any. */
function writersByHistory(state: ExploreState): ReadonlyMap<string, readonly string[]> {
  const { mysql } = state;
  return Map.groupBy(writersOf(state), (host) => {
    const server = mysql.servers[host];
    return setOf(mysql, host)?.setId ?? server?.groupName ?? host;
  });
}

/** Two that write one history: only after an operator forced a promotion, and not for longer than the news takes. */
function splitBrain(state: ExploreState, atRest: boolean): readonly Breach[] {
  const forced = state.ledger.orders.some((order) => order.startsWith("force "));
  if (forced && !atRest) return [];
  return [...writersByHistory(state).values()]
    .filter((writers) => writers.length > 1)
    .map((writers) => breach("No split brain", `${writers.join(" and ")} take writes of one history`));
}

/** A row goes from its last server only when an operator removed that: who went on without a server did not order that its data goes. */
function destroyed(before: ExploreState, move: Move, after: ExploreState): readonly Breach[] {
  const held = holders(after);
  const gone = before.ledger.written.filter(
    ({ row, excuse }) => excuse !== "remove-unit" && holders(before).has(row) && !held.has(row),
  );
  return gone
    .filter((row) => isOwed(after, row))
    .map(({ row, host }) =>
      breach("No destruction on a guess", `${row} of ${host} is on no server after: ${move.do}`),
    );
}

/** Rows that are on any server, also on one that is down. */
function holders({ mysql }: ExploreState): ReadonlySet<string> {
  return new Set(Object.keys(mysql.servers).flatMap((host) => rowsOn(mysql, host)));
}

/** Whoever removes an application as a whole gives its rows up. */
function isOwed({ juju }: ExploreState, { site }: WrittenRow): boolean {
  return Object.values(juju.models[site]?.units ?? {}).some(({ life }) => life === "alive");
}

/** Every row that was acknowledged is where writes are taken now; where none are, it is somewhere. */
function lost(state: ExploreState): readonly Breach[] {
  return missing(state)
    .filter(({ excuse }) => excuse === "")
    .map(({ row, host }) =>
      breach("No silent loss", `${row}, acknowledged by ${host}, is where no writes go`),
    );
}

/** What was given up by force is told of where it still is: by a status, and then by rejoin-cluster. */
function untold(state: ExploreState): readonly Breach[] {
  const { mysql, ledger } = state;
  const rows = missing(state).filter(
    ({ row, excuse }) => excuse === "force" && !ledger.reported.includes(row),
  );
  return rows.flatMap(({ row }) =>
    Object.values(mysql.servers)
      .filter(({ host, up, data }) => up && Object.values(data.rows).includes(row) && !isTold(state, host))
      .map(({ host }) =>
        breach("No silent loss", `${row} was given up by force, and nobody says that ${host} has it`),
      ),
  );
}

/** A status of the server's unit says that something is to be done, and that was not done yet. */
function isTold({ juju, ledger, mysql }: ExploreState, host: string): boolean {
  const site = mysql.servers[host]?.site ?? "";
  const model = juju.models[site];
  const unit = Object.values(model?.units ?? {}).find(
    ({ machine }) => model !== undefined && hostOf(model, machine) === host,
  );
  return unit?.workload.status !== "active" && !ledger.asked.includes(site);
}

/** Rows that are where no writes go. */
function missing(state: ExploreState): readonly WrittenRow[] {
  const { mysql, ledger } = state;
  const rowsOf = (hosts: readonly string[]): ReadonlySet<string> =>
    new Set(hosts.flatMap((host) => rowsOn(mysql, host)));
  const everywhere = rowsOf(Object.keys(mysql.servers));
  const held = new Map(
    Object.keys(state.juju.models).map((site) => {
      const writers = writersFor(state, site);
      return [site, writers.length > 0 ? rowsOf(writers) : everywhere];
    }),
  );
  return ledger.written.filter((row) => isOwed(state, row) && held.get(row.site)?.has(row.row) !== true);
}

/** Hosts that take the writes of a site's set: its own, or those of the site that leads. */
function writersFor(state: ExploreState, site: string): readonly string[] {
  const { mysql } = state;
  const setId = (host: string): string | undefined => setOf(mysql, host)?.setId;
  const own = Object.values(mysql.servers).filter((server) => server.site === site);
  const sets = new Set(own.map(({ host }) => setId(host)).filter((id) => id !== undefined));
  return writersOf(state).filter((host) => mysql.servers[host]?.site === site || sets.has(setId(host) ?? ""));
}

/** Every server that runs takes the password that its application has, or had before. */
function lockedOut(state: ExploreState): readonly Breach[] {
  return Object.values(state.juju.models).flatMap((model) =>
    Object.values(model.units).flatMap((unit) => {
      const host = hostOf(model, unit.machine);
      const server = state.mysql.servers[host];
      if (server === undefined || !isUp(state.mysql, host)) return [];
      if (Object.keys(server.data.passwords).length === 0) return [];
      const known = passwordsOf(state, unit.application);
      const opens = known.some((password) => accepts(state.mysql, host, "serverconfig", password));
      return opens ? [] : [breach("No lock-out", `no password of ${unit.application} opens ${host}`)];
    }),
  );
}

function passwordsOf({ juju }: ExploreState, application: string): readonly string[] {
  const secrets = Object.values(juju.models[application]?.secrets ?? {});
  return secrets
    .filter(({ label }) => label === `database-peers.${application}.app`)
    .flatMap(({ revisions, latest }) => Object.entries(revisions[latest]?.data ?? {}))
    .filter(([key]) => key.endsWith("server-config-password"))
    .map(([, value]) => Buffer.from(value, "base64").toString("utf8"));
}
