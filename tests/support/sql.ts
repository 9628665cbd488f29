// What a server's data is made of, and asking a server, for stories.

import type { Sandbox } from "../../sandbox/client.ts";
import { mustRun } from "../../scripts/demo/deployment.ts";
import { queryAs, rootPassword } from "../../scripts/demo/sql.ts";

/** What makes up a server's data: unchanged when nothing was done to it. */
export interface Fingerprint {
  readonly gtids: string;
  readonly databases: string;
  readonly clusters: string;
  readonly accounts: string;
}

/** Runs SQL on a unit's server as root; one text per row, columns parted by tabs. */
export async function query(
  sandbox: Sandbox,
  model: string,
  unit: string,
  sql: string,
): Promise<readonly string[]> {
  return await queryAs({ sandbox, model, unit }, await rootPassword(sandbox, model, unit), sql);
}

/** Likewise with every privilege, also where the server is read-only. */
export async function queryAsAdmin(
  sandbox: Sandbox,
  model: string,
  unit: string,
  sql: string,
): Promise<readonly string[]> {
  const user = "serverconfig";
  const { password } = await mustRun(sandbox, model, unit, ["get-password", `username=${user}`]);
  return await queryAs({ sandbox, model, unit, user }, String(password), sql);
}

/** Reads all that a story holds to be unchanged. */
export async function fingerprint(sandbox: Sandbox, model: string, unit: string): Promise<Fingerprint> {
  const rows = await query(
    sandbox,
    model,
    unit,
    `SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '');
     SELECT GROUP_CONCAT(schema_name ORDER BY schema_name) FROM information_schema.schemata;
     SELECT GROUP_CONCAT(cluster_name ORDER BY cluster_name) FROM mysql_innodb_cluster_metadata.clusters;
     SELECT GROUP_CONCAT(CONCAT(user, '@', host) ORDER BY user, host) FROM mysql.user;`,
  );
  const [gtids = "", databases = "", clusters = "", accounts = ""] = rows;
  return { gtids, databases, clusters, accounts };
}
