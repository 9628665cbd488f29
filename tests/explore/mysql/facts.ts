// What is true of the servers of the model, for those who judge it: nothing here is what the charm is told.
import { groupOf, hasQuorum } from "./groups.ts";
import { accepts as acceptsLogin } from "./sql.ts";
import { type MysqlState, type SetRecord, serverOf } from "./state.ts";

export function isUp(state: MysqlState, host: string): boolean {
  return serverOf(state, host).up;
}

/** Whether a client's INSERT there would be acknowledged now. */
export function acceptsWrites(state: MysqlState, host: string): boolean {
  const server = serverOf(state, host);
  const group = groupOf(state, server);
  const answers = server.up && server.data.passwords["serverconfig"] !== undefined && !server.offlineMode;
  return answers && !server.readOnly && !server.superReadOnly && (group === undefined || hasQuorum(group));
}

/** Whether it is in a group: what is written there is one history with that of others. */
export function isMember(state: MysqlState, host: string): boolean {
  return groupOf(state, serverOf(state, host)) !== undefined;
}

/** Rows that clients wrote and that the server has. */
export function rowsOn(state: MysqlState, host: string): readonly string[] {
  return Object.values(serverOf(state, host).data.rows).sort();
}

export interface SetFacts {
  readonly setId: string;
  readonly domain: string;
  readonly cluster: string;
  readonly role: "PRIMARY" | "REPLICA";
  readonly invalidated: boolean;
  readonly view: Pick<SetRecord, "generation" | "number">;
}

/** What the server's own copy of the metadata says of its cluster. */
export function setOf(state: MysqlState, host: string): SetFacts | undefined {
  const { data, uuid } = serverOf(state, host);
  const id = data.metadata?.instances[uuid]?.cluster;
  const record = id === undefined ? undefined : data.metadata?.clusters[id];
  const set = record?.set === undefined ? undefined : data.metadata?.sets[record.set];
  if (id === undefined || record?.set === undefined || set === undefined) return undefined;
  const role = set.members[id];
  return {
    ...{ setId: record.set, domain: set.domain, cluster: record.name, role: role ?? "REPLICA" },
    invalidated: role === undefined,
    view: { generation: set.generation, number: set.number },
  };
}

/** Whether the server would let the account in. */
export function accepts(state: MysqlState, host: string, user: string, password: string): boolean {
  return acceptsLogin(serverOf(state, host), user, password);
}
