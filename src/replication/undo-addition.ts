// What an addition leaves that was killed: AdminAPI takes back what fails, and not what is cut short. Finding it, and taking it back.
import * as z from "zod";
import { clusterName, flag, identifier } from "../mysql/columns.ts";
import { leaveSet } from "../mysql/leave-set.ts";
import type { Session } from "../mysql/ports.ts";
import { missingHere, readServer, readUserDatabases, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { isSameName } from "../wire/names.ts";

/** What stands in the way of an instance's becoming a replica cluster. */
export type Remains =
  | { readonly kind: "none" }
  /** Nothing but what an earlier addition made of it. */
  | { readonly kind: "cut-short" }
  /** A cluster or data that no addition to this set leaves there. */
  | { readonly kind: "foreign" }
  | { readonly kind: "unknown"; readonly what: string };

export interface Addition {
  /** Host of the server that takes the writes of the whole set. */
  readonly through: string;
  readonly endpoint: string;
  readonly name: string;
}

/** A cluster that the primary cluster's metadata has, and that is in no set. */
export interface Unfinished {
  readonly id: string;
  /** Of its instances' servers. */
  readonly uuids: readonly string[];
}

const unfinishedRow = z.object({ id: identifier, name: clusterName, uuid: identifier.nullable() });

const UNFINISHED_SQL = `SELECT c.cluster_id AS id, c.cluster_name AS name, i.mysql_server_uuid AS uuid
  FROM mysql_innodb_cluster_metadata.v2_gr_clusters c
  LEFT JOIN mysql_innodb_cluster_metadata.v2_instances i ON i.cluster_id = c.cluster_id
  WHERE c.clusterset_id IS NULL`;

async function readUnfinished(source: Session, wanted: string): Promise<Unfinished | undefined> {
  const rows = (await source.rows(unfinishedRow, UNFINISHED_SQL)).filter(({ name }) =>
    isSameName(name, wanted),
  );
  const [first] = rows;
  const uuids = rows.flatMap(({ uuid }) => (uuid === null ? [] : [uuid]));
  return first === undefined ? undefined : { id: first.id, uuids };
}

/** A server that AdminAPI would make a cluster on. */
const isFree = ({ member, metadata }: ServerView): boolean =>
  member.state === "OFFLINE" && metadata === "absent";

/**
 * Pure. AdminAPI writes the cluster's record, then makes the server follow, then puts the cluster into the set. So what it left
 * is a server alone, of a cluster in no set, with no transaction (`hasOwn`) that the primary cluster lacks.
 */
export function judgeRemains(
  record: Unfinished | undefined,
  instance: ServerView,
  hasOwn: boolean,
): Exclude<Remains["kind"], "unknown"> {
  const { server, group, metadata } = instance;
  if (record?.uuids.some((uuid) => uuid !== server.uuid) === true) return "foreign";
  if (isFree(instance)) return record === undefined ? "none" : "cut-short";
  if (hasOwn || group.some(({ uuid }) => uuid !== server.uuid)) return "foreign";
  if (metadata === "absent") return "cut-short";
  const isRecorded = record === undefined || record.id === metadata.clusterId;
  return metadata.set === undefined && isRecorded ? "cut-short" : "foreign";
}

interface Found {
  readonly kind: Exclude<Remains["kind"], "unknown">;
  readonly record: Unfinished | undefined;
}

async function look(source: Session, target: Session, name: string): Promise<Found> {
  const record = await readUnfinished(source, name);
  const instance = await readServer(target);
  const hasOwn =
    !isFree(instance) &&
    (await missingHere(source, instance.server.gtidExecuted)) !== "" &&
    (await readUserDatabases(target)).length > 0;
  return { kind: judgeRemains(record, instance, hasOwn), record };
}

export async function findRemains({ keyring }: Ports, addition: Addition): Promise<Remains> {
  const { through, endpoint, name } = addition;
  try {
    await using source = await keyring.connect({ host: through });
    await using target = await keyring.connect({ host: endpoint });
    return { kind: (await look(source, target, name)).kind };
  } catch (error) {
    if (error instanceof MysqlProblem) return { kind: "unknown", what: error.message };
    throw error;
  }
}

/** AdminAPI's own lock of a ClusterSet, until the session ends. Throws MysqlProblem `busy` when an operation has it. */
async function lockSet(source: Session): Promise<void> {
  await source.rows(
    z.object({ locked: flag }),
    "SELECT service_get_write_locks('AdminAPI_clusterset', 'AdminAPI_lock', 0) AS locked",
  );
}

/** The record goes last: as long as it is there, an undoing that was killed, too, is begun again. Throws MysqlProblem. */
export async function undoAddition({ keyring }: Ports, addition: Addition): Promise<void> {
  const { through, endpoint, name } = addition;
  await using source = await keyring.connect({ host: through });
  await using target = await keyring.connect({ host: endpoint });
  await lockSet(source);
  // What was seen before may have been an operation at work.
  const { kind, record } = await look(source, target, name);
  if (kind !== "cut-short") return;
  await leaveSet(target);
  if (record === undefined) return;
  for (const table of ["instances", "clusters"])
    await source.run(`DELETE FROM mysql_innodb_cluster_metadata.${table} WHERE cluster_id = ?`, [record.id]);
}
