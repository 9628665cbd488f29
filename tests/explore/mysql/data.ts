// Transactions: committing one, getting those of another server, and copying a server as a whole.
import { Hangs, missingTable, readOnly } from "./errors.ts";
import { groupOf, hasQuorum, onlineHosts } from "./groups.ts";
import { isSubset, union } from "./gtid.ts";
import { type Data, type MysqlState, type Server, serverOf } from "./state.ts";

/** Commits a transaction on a server and with it on the members of its group. Throws where the server takes none. */
export function commit(state: MysqlState, server: Server, change: (data: Data, id: string) => void): void {
  const group = groupOf(state, server);
  if (server.superReadOnly) throw readOnly();
  if (group !== undefined && !hasQuorum(group)) throw new Hangs();
  const origin = group === undefined ? server.uuid : blockOf(server);
  const number = (server.data.executed[origin] ?? 0) + 1;
  server.data.executed[origin] = number;
  change(server.data, `${origin}:${number}`);
  if (group === undefined) return;
  for (const host of onlineHosts(group)) if (host !== server.host) catchUp(serverOf(state, host), server);
}

/**
 * Members of a group number their transactions in blocks of their own (MySQL manual, group_replication_gtid_assignment_block_size):
 * two that write apart from each other do not give one number twice.
 */
const blockOf = ({ groupName, host }: Server): string => `${groupName}-by-${host}`;

/** The target gets what it lacks of the source's transactions. Throws where it cannot apply them. */
export function catchUp(target: Server, source: Server): void {
  const [own, theirs] = [target.data, source.data];
  if (isSubset(theirs.executed, own.executed)) return;
  if (own.gaps !== undefined) throw missingTable();
  for (const [id, row] of Object.entries(theirs.rows)) if (!hasExecuted(own, id)) own.rows[id] = row;
  own.passwords = structuredClone(theirs.passwords);
  delete own.metadata;
  if (theirs.metadata !== undefined) own.metadata = structuredClone(theirs.metadata);
  own.executed = union(own.executed, theirs.executed);
}

function hasExecuted({ executed }: Data, id: string): boolean {
  const at = id.lastIndexOf(":");
  return Number(id.slice(at + 1)) <= (executed[id.slice(0, at)] ?? 0);
}

/** All data of the donor takes the place of the target's own. */
export function cloneData(target: Server, donor: Server): void {
  target.data = structuredClone(donor.data);
  target.purged = { ...donor.data.executed };
  target.actions = { ...donor.actions };
}
