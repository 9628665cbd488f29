// What a server's configuration must be to join a cluster, and how that is told.
import { hostname, networkInterfaces } from "node:os";
import { runtime } from "../errors.ts";
import type { Output } from "../output.ts";
import type { Instance } from "../session.ts";

/** A variable that is not as it must be. */
export interface Finding {
  readonly option: string;
  readonly current: string;
  readonly required: string;
  readonly action: "server_update" | "server_update+restart" | "restart";
}

interface Requirement {
  readonly option: string;
  /** the value, or the variable whose value it must equal */
  readonly required: string | { readonly sameAs: string };
  readonly dynamic: boolean;
}

const REQUIREMENTS: readonly Requirement[] = [
  { option: "binlog_format", required: "ROW", dynamic: true },
  { option: "enforce_gtid_consistency", required: "ON", dynamic: false },
  { option: "gtid_mode", required: "ON", dynamic: false },
  { option: "log_bin", required: "ON", dynamic: false },
  { option: "log_replica_updates", required: "ON", dynamic: false },
  { option: "replica_preserve_commit_order", required: "ON", dynamic: true },
  { option: "report_port", required: { sameAs: "port" }, dynamic: false },
];

/** Compares the server's variables with what is required. */
export async function checkVariables(instance: Instance): Promise<readonly Finding[]> {
  const rows = await instance.query(
    `SELECT variable_name AS name, variable_value AS value FROM performance_schema.global_variables
     WHERE variable_name IN (?)`,
    [[...REQUIREMENTS.map((one) => one.option), "port", "server_id"]],
  );
  const values = new Map(rows.map((row) => [String(row["name"]), String(row["value"])]));
  const persisted = await persistedValues(instance);
  const findings = findingsOf(values, persisted);
  return (await hasDefaultServerId(instance))
    ? [
        ...findings,
        {
          option: "server_id",
          current: values.get("server_id") ?? "",
          required: "<unique ID>",
          action: "server_update+restart",
        },
      ]
    : findings;
}

/** The findings for values that are in effect and values that a restart will bring. */
export function findingsOf(
  values: ReadonlyMap<string, string>,
  persisted: ReadonlyMap<string, string>,
): readonly Finding[] {
  return REQUIREMENTS.flatMap(({ option, required, dynamic }) => {
    const current = values.get(option);
    const wanted = typeof required === "string" ? required : (values.get(required.sameAs) ?? "");
    // report_port 0 means the server's own port
    if (current === undefined || current === wanted || (option === "report_port" && current === "0"))
      return [];
    const action = dynamic
      ? "server_update"
      : persisted.get(option) === wanted
        ? "restart"
        : "server_update+restart";
    return [{ option, current, required: wanted, action } as const];
  });
}

async function persistedValues(instance: Instance): Promise<ReadonlyMap<string, string>> {
  const rows = await instance.query(
    "SELECT variable_name AS name, variable_value AS value FROM performance_schema.persisted_variables",
  );
  return new Map(rows.map((row) => [String(row["name"]), String(row["value"])]));
}

async function hasDefaultServerId(instance: Instance): Promise<boolean> {
  const source = await instance.value(
    "SELECT variable_source AS source FROM performance_schema.variables_info WHERE variable_name = 'server_id'",
  );
  return source === "COMPILED" || instance.serverId === 0;
}

const NOTES: Readonly<Record<Finding["action"], string>> = {
  server_update: "Update the server variable",
  "server_update+restart": "Update read-only variable and restart the server",
  restart: "Restart the server",
};

/** Prints the findings as MySQL Shell's table. */
export function printFindings(output: Output, findings: readonly Finding[]): void {
  const head = ["Variable", "Current Value", "Required Value", "Note"];
  const rows = findings.map((one) => [one.option, one.current, one.required, NOTES[one.action]]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  output.note("Some configuration options need to be fixed:");
  output.info(rule);
  printRow(output, head, widths);
  output.info(rule);
  for (const row of rows) printRow(output, row, widths);
  output.info(`${rule}\n`);
  if (findings.some((one) => one.action !== "server_update"))
    output.info("Some variables need to be changed, but cannot be done dynamically on the server.");
}

function printRow(output: Output, cells: readonly string[], widths: readonly number[]): void {
  const last = cells.length - 1;
  output.piece("| ");
  for (const [column, cell] of cells.entries())
    output.piece(`${cell.padEnd(widths[column] ?? 0)} |${column === last ? "" : " "}`);
  output.info();
}

/** The lines with which a command begins that is about to use a server. Throws RuntimeError when the server is not fit. */
export async function validateInstance(output: Output, instance: Instance): Promise<void> {
  output.lines(`Validating instance configuration at ${instance.address}...`, "");
  output.lines(`This instance reports its own address as ${instance.address}`, "");
  const findings = await checkVariables(instance);
  if (findings.length === 0) return output.info("Instance configuration is suitable.");
  printFindings(output, findings);
  output.note(
    findings.every((one) => one.action === "restart")
      ? "Please restart the MySQL server and try again."
      : "Please use the dba.configureInstance() command to repair these issues.",
  );
  output.info();
  output.error(
    "Instance must be configured and validated with dba.checkInstanceConfiguration() and dba.configureInstance() before it can be used in an InnoDB cluster.",
  );
  throw runtime("Instance check failed");
}

/** The note and the line about connections that follow when the server will run Group Replication. */
export function announceGroupAddress(
  output: Output,
  instance: Instance,
  localAddress: string | undefined,
): void {
  output.note(
    `Group Replication will communicate with other members using '${localAddress ?? instance.address}'. Use the localAddress option to override.`,
  );
  output.lines("", "* Checking connectivity and SSL configuration...", "");
}

/** "local MySQL instance listening at port N" or "MySQL instance at H:P" */
export function placeOf(instance: Instance): string {
  const { host } = instance.account;
  const own = Object.values(networkInterfaces()).flatMap(
    (addresses) => addresses?.map((one) => one.address) ?? [],
  );
  return ["localhost", hostname(), ...own].includes(host) || host.startsWith("127.")
    ? `local MySQL instance listening at port ${instance.port}`
    : `MySQL instance at ${instance.address}`;
}
