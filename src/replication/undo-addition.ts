// What an addition leaves that was killed: AdminAPI takes back what fails, and not what is cut short. Finds it, and takes it back.
import * as z from "zod";
import { clusterName, flag, identifier } from "../mysql/columns.ts";
import { hasLeftovers, leaveSet } from "../mysql/leave-set.ts";
import type { Session } from "../mysql/ports.ts";
import { missingHere, readServer, readUserDatabases } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { isSameName } from "../wire/names.ts";
import { isFree, isOfOthers, judgeRemains, type Remains, type Unfinished } from "./remains.ts";

export interface Addition {
  /** Host of the server that takes the writes of the whole set. */
  readonly through: string;
  readonly endpoint: string;
  readonly name: string;
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

interface Found {
  readonly kind: Exclude<Remains["kind"], "unknown">;
  readonly record: Unfinished | undefined;
  /** Nothing was ever done to the instance. */
  readonly untouched: boolean;
}

async function look(source: Session, target: Session, name: string): Promise<Found> {
  const record = await readUnfinished(source, name);
  const instance = await readServer(target);
  const hasOwn =
    !isFree(instance) &&
    (await missingHere(source, instance.server.gtidExecuted)) !== "" &&
    (await readUserDatabases(target)).length > 0;
  const untouched = isFree(instance) && isOfOthers(record, instance);
  return { kind: judgeRemains(record, instance, hasOwn), record, untouched };
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
  const { kind, record, untouched } = await look(source, target, name);
  if (kind !== "cut-short") return;
  if (!untouched || (await hasLeftovers(target))) await leaveSet(target);
  if (record === undefined) return;
  for (const table of ["instances", "clusters"])
    await source.run(`DELETE FROM mysql_innodb_cluster_metadata.${table} WHERE cluster_id = ?`, [record.id]);
}
