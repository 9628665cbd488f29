// What clients were promised, which of it an operator's order gives up, and what operators are told of that.
import * as z from "zod";
import { acceptsWrites, isMember, rowsOn } from "./mysql/facts.ts";
import type { Order } from "./operator.ts";
import { type ExploreState, hostOf, placeOf, type WrittenRow } from "./state.ts";

/** Hosts at which clients write: members of a cluster that take writes. A server that has joined none is nobody's yet. */
export function writersOf({ mysql }: ExploreState): readonly string[] {
  return Object.keys(mysql.servers)
    .sort()
    .filter((host) => isMember(mysql, host) && acceptsWrites(mysql, host));
}

/** A client was told that its row is written there. */
export function noteRow(state: ExploreState, row: string, host: string): void {
  const { ledger } = state;
  const site = siteOf(host);
  ledger.rows += 1;
  ledger.written.push({ row, host, site, excuse: excuseOf(state, { row, host, site }) });
}

const verdictSchema = z.object({ "cluster-name": z.string(), "lost-transactions": z.string() });

/** An action has come to its end. What rejoin-cluster names is told of; what else its cluster alone has, is not. */
export function noteResults(state: ExploreState, results: Readonly<Record<string, unknown>>): void {
  const { ledger, mysql } = state;
  const verdict = verdictSchema.safeParse(results);
  if (!verdict.success || !("held-by" in results)) return;
  const { "cluster-name": site, "lost-transactions": lost } = verdict.data;
  ledger.asked = [...new Set([...ledger.asked, site])].sort();
  const rows = Object.values(mysql.servers).flatMap(({ data }) =>
    Object.entries(data.rows).filter(([id]) => isAmong(id, lost)),
  );
  ledger.reported = [...new Set([...ledger.reported, ...rows.map(([, row]) => row)])].sort();
}

/** Whether `<origin>:<number>` is one of `<origin>:<from>-<to>,…`. */
function isAmong(id: string, transactions: string): boolean {
  const [origin, number] = id.split(":");
  return transactions.split(",").some((part) => {
    const [from, range = ""] = part.split(":");
    const [first, last] = range.split("-");
    return from === origin && Number(number) >= Number(first) && Number(number) <= Number(last);
  });
}

/** An order was given: what it gives up, and what it allows from now on. */
export function noteOrder(state: ExploreState, order: Order): void {
  if (order.do === "remove-unit")
    giveUp(state, order.do, [hostOfUnit(state, order.unit), ...leavingHosts(state)]);
  if (order.do === "run" && order.params["force"] === true) force(state, order.unit);
}

/** Whoever goes on by force gives up what the server that goes on does not have, and what others take from now on. */
function force(state: ExploreState, unit: string): void {
  const host = hostOfUnit(state, unit);
  state.ledger.orders = [...new Set([...state.ledger.orders, `force ${siteOf(host)}`])].sort();
  const others = Object.keys(state.mysql.servers).filter((each) => each !== host);
  giveUp(state, "force", others);
}

/** Rows that no server but these has. */
function giveUp(state: ExploreState, excuse: string, hosts: readonly string[]): void {
  const kept = new Set(
    Object.keys(state.mysql.servers)
      .filter((host) => !hosts.includes(host))
      .flatMap((host) => rowsOn(state.mysql, host)),
  );
  for (const written of state.ledger.written) if (!kept.has(written.row)) excused(written, excuse);
}

function excused(written: WrittenRow, excuse: string): void {
  if (written.excuse === "" || excuse === "remove-unit") written.excuse = excuse;
}

/** A row that is written where it will not last: its server alone has it, and goes; or another site was promoted by force. */
function excuseOf(state: ExploreState, { row, host, site }: Omit<WrittenRow, "excuse">): string {
  const forced = state.ledger.orders.some((order) => order.startsWith("force ") && order !== `force ${site}`);
  if (forced) return "force";
  const holders = Object.keys(state.mysql.servers).filter((each) => rowsOn(state.mysql, each).includes(row));
  return leavingHosts(state).includes(host) && holders.length === 1 ? "remove-unit" : "";
}

/** Hosts of the units that an operator has removed, and that are still there. */
function leavingHosts({ juju }: ExploreState): readonly string[] {
  return Object.values(juju.models).flatMap((model) =>
    Object.values(model.units)
      .filter(({ life }) => life !== "alive")
      .map(({ machine }) => hostOf(model, machine)),
  );
}

function siteOf(host: string): string {
  return host.slice(0, host.lastIndexOf("-"));
}

function hostOfUnit(state: ExploreState, unit: string): string {
  return placeOf(state, unit)?.host ?? "";
}
