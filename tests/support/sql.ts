// Asking a unit's MySQL as an operator on its machine would, with the password on standard input.

import type { Sandbox } from "../../sandbox/client.ts";
import { mustRun } from "../../scripts/demo/deployment.ts";

const SOCKET = "/var/snap/charmed-mysql/common/var/run/mysqld/mysqld.sock";
const CLIENT = `echo ready; IFS= read -r MYSQL_PWD; export MYSQL_PWD
exec charmed-mysql.mysql --user=root --socket=${SOCKET} --batch --skip-column-names`;

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
  const { password } = await mustRun(sandbox, model, unit, ["get-password", "username=root"]);
  let type: (data: Buffer | null) => void = () => {};
  let isReady = false;
  const { code, stdout, stderr } = await sandbox.juju(["ssh", "-m", model, unit, CLIENT], {
    input: (listener) => {
      type = listener;
    },
    // What is typed before the program runs would be lost.
    onOut: () => {
      if (isReady) return;
      isReady = true;
      type(Buffer.from(`${String(password)}\n${sql}\n`));
      type(null);
    },
  });
  if (code !== 0) throw new Error(`SQL on ${unit} failed with ${code}: ${stderr.trim()}`);
  return stdout.split("\n").slice(1, -1);
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
