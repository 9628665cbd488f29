// dba check-instance-configuration
import { parseUri } from "../command-line.ts";
import type { Instance } from "../session.ts";
import { type Call, connectTarget } from "../shell.ts";
import { checkVariables, placeOf, printFindings } from "./instance-check.ts";

const SYSTEM_SCHEMAS =
  "'mysql', 'sys', 'performance_schema', 'information_schema', 'mysql_innodb_cluster_metadata'";

/** The server that a dba operation works on: its argument, or the session. */
export async function targetOf({ shell, args }: Call): Promise<Instance> {
  const uri = args.optional(0);
  if (uri === undefined) return shell.session;
  parseUri(uri);
  return connectTarget(shell, uri);
}

/** Answers `{status: "ok"}` or the findings; a server that is not fit is no error. */
export async function checkInstanceConfiguration(call: Call): Promise<unknown> {
  const { output } = call.shell;
  const instance = await targetOf(call);
  output.lines(`Validating ${placeOf(instance)} for use in an InnoDB Cluster...`, "");
  output.lines(`This instance reports its own address as ${instance.address}`, "");
  output.info("Checking whether existing tables comply with Group Replication requirements...");
  const tables = await incompatibleTables(instance);
  if (tables.length === 0) output.info("No incompatible tables detected");
  else
    output.warning(
      `Tables without a primary key or not of InnoDB cannot be changed in a cluster: ${tables.join(", ")}`,
    );
  output.lines("", "Checking instance configuration...");
  const findings = await checkVariables(instance);
  if (findings.length > 0) {
    output.info();
    printFindings(output, findings);
    output.note("Please use the dba.configureInstance() command to repair these issues.");
    output.info();
    const errors = findings.map(({ action, current, option, required }) => ({
      action,
      current,
      option,
      required,
    }));
    return { config_errors: errors, status: "error" };
  }
  output.lines("Instance configuration is compatible with InnoDB cluster", "");
  output.lines(`The instance '${instance.address}' is valid for InnoDB Cluster usage.`, "");
  return { status: "ok" };
}

async function incompatibleTables(instance: Instance): Promise<readonly string[]> {
  const rows = await instance.query(
    `SELECT CONCAT(t.table_schema, '.', t.table_name) AS name FROM information_schema.tables t
     WHERE t.table_type = 'BASE TABLE' AND t.table_schema NOT IN (${SYSTEM_SCHEMAS})
       AND (t.engine NOT IN ('InnoDB', 'MEMORY') OR NOT EXISTS (
         SELECT 1 FROM information_schema.statistics s
         WHERE s.table_schema = t.table_schema AND s.table_name = t.table_name AND s.non_unique = 0
         GROUP BY s.index_name HAVING SUM(s.nullable = 'YES') = 0))`,
  );
  return rows.map((row) => String(row["name"]));
}
