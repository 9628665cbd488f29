// dba configure-instance
import { argument, runtime } from "../errors.ts";
import { SCHEMA } from "../metadata/tables.ts";
import { accountExists } from "../primitives/accounts.ts";
import { installLocks } from "../primitives/locks.ts";
import { isOn, readVariable, setVariable } from "../primitives/variables.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { targetOf } from "./check-instance.ts";
import { checkVariables, type Finding, placeOf, printFindings } from "./instance-check.ts";

const DEFAULT_WORKERS = 4;

/** Makes a server fit for a cluster; with `--clusterAdmin` also makes the account that administrates it. */
export async function configureInstance(call: Call): Promise<undefined> {
  const { shell, args } = call;
  const { output } = shell;
  const instance = await targetOf(call);
  output.lines(`Configuring ${placeOf(instance)} for use in an InnoDB Cluster...`, "");
  output.info(`This instance reports its own address as ${instance.address}`);
  const admin = await adminOf(call, instance);
  output.info();
  if (!args.has("applierWorkerThreads"))
    output.info(`applierWorkerThreads will be set to the default value of ${DEFAULT_WORKERS}.`);
  const findings = await checkVariables(instance);
  if (findings.length > 0) {
    output.info();
    printFindings(output, findings);
  }
  const readOnly = await isOn(instance, "super_read_only");
  if (admin) await createAdmin(call, instance, admin, readOnly);
  await installLocks(instance);
  if (readOnly && admin) {
    output.info(`Enabling super_read_only on the instance '${instance.address}'`);
    await setVariable(instance, "GLOBAL", "super_read_only", "ON");
  }
  await setWorkers(instance, args.integer("applierWorkerThreads") ?? DEFAULT_WORKERS);
  await applyFindings(call, instance, findings);
  if (findings.length === 0) output.lines("", "Successfully enabled parallel appliers.");
  return undefined;
}

interface Admin {
  readonly user: string;
  readonly host: string;
  readonly password: string | undefined;
}

async function adminOf({ shell, args }: Call, instance: Instance): Promise<Admin | undefined> {
  const given = args.text("clusterAdmin");
  if (given === undefined) return undefined;
  const [user = "", host = "%"] = given.replaceAll(/['"`]/g, "").split("@");
  if (!given.includes("@")) shell.output.info(`Assuming full account name '${user}'@'${host}' for ${user}`);
  const exists = await accountExists(instance, user, host);
  const password = args.text("clusterAdminPassword") ?? (exists ? undefined : askTwice(shell));
  if (exists && password !== undefined)
    throw argument(
      `The '${user}'@'${host}' account already exists, clusterAdminPassword is not allowed for an existing account.`,
    );
  if (!exists && password === undefined) throw runtime("password for clusterAdmin required");
  return exists ? undefined : { user, host, password };
}

/** Asks until both answers are the same; undefined where nothing may be asked. */
function askTwice({ ask }: Call["shell"]): string | undefined {
  const first = ask?.("Password for new account: ");
  const second = ask?.("Confirm password: ");
  if (first !== second) throw runtime("Passwords don't match");
  return first;
}

const GLOBAL_RIGHTS = [
  "CLONE_ADMIN, CONNECTION_ADMIN, CREATE USER, EXECUTE, FILE, GROUP_REPLICATION_ADMIN, PERSIST_RO_VARIABLES_ADMIN,",
  "PROCESS, RELOAD, REPLICATION CLIENT, REPLICATION SLAVE, REPLICATION_APPLIER, REPLICATION_SLAVE_ADMIN, ROLE_ADMIN,",
  "SELECT, SHUTDOWN, SYSTEM_VARIABLES_ADMIN",
].join(" ");

const SCHEMA_RIGHTS =
  "ALTER, ALTER ROUTINE, CREATE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE VIEW, DELETE, DROP, EVENT, EXECUTE, INDEX, INSERT, LOCK TABLES, REFERENCES, SHOW VIEW, TRIGGER, UPDATE";

async function createAdmin(
  { shell, args }: Call,
  instance: Instance,
  admin: Admin,
  readOnly: boolean,
): Promise<void> {
  const { user, host, password } = admin;
  if (readOnly) {
    shell.output.info(`Disabled super_read_only on the instance '${instance.address}'`);
    await setVariable(instance, "GLOBAL", "super_read_only", "OFF");
  }
  shell.output.info();
  const expiration = args.text("clusterAdminPasswordExpiration");
  const rights = instance.atLeast(8, 3) ? `${GLOBAL_RIGHTS}, TRANSACTION_GTID_TAG` : GLOBAL_RIGHTS;
  shell.output.info(`Creating user ${user}@${host}.`);
  await instance.withoutBinlog(async () => {
    await instance.query(`CREATE USER ?@? IDENTIFIED BY ?${expirationClause(expiration)}`, [
      user,
      host,
      password,
    ]);
    await instance.query(`GRANT ${rights} ON *.* TO ?@? WITH GRANT OPTION`, [user, host]);
    await instance.query("GRANT DELETE, INSERT, UPDATE ON mysql.* TO ?@? WITH GRANT OPTION", [user, host]);
    for (const schema of [SCHEMA, `${SCHEMA}_bkp`, `${SCHEMA}_previous`])
      await instance.query(`GRANT ${SCHEMA_RIGHTS} ON ${schema}.* TO ?@? WITH GRANT OPTION`, [user, host]);
  });
  shell.output.lines(`Account ${user}@${host} was successfully created.`, "");
}

function expirationClause(expiration: string | undefined): string {
  if (expiration === undefined) return "";
  if (/^never$/i.test(expiration) || expiration === "0") return " PASSWORD EXPIRE NEVER";
  if (/^default$/i.test(expiration)) return " PASSWORD EXPIRE DEFAULT";
  if (!/^\d+$/.test(expiration))
    throw argument("The 'clusterAdminPasswordExpiration' option must be a number of days, NEVER or DEFAULT.");
  return ` PASSWORD EXPIRE INTERVAL ${expiration} DAY`;
}

async function applyFindings(
  { shell, args }: Call,
  instance: Instance,
  findings: readonly Finding[],
): Promise<void> {
  const { output } = shell;
  if (findings.length === 0) {
    output.info();
    return output.info(`The instance '${instance.address}' is valid for InnoDB Cluster usage.`);
  }
  output.info("Configuring instance...");
  for (const { option, required, action } of findings) {
    if (option === "log_bin")
      throw runtime("Unable to update configuration: log_bin can only be set in the option file");
    const value = option === "server_id" ? Math.floor(Math.random() * 4_000_000_000) + 1 : required;
    if (action === "server_update") await setVariable(instance, "PERSIST", option, value);
    else if (action === "server_update+restart")
      await setVariable(
        instance,
        "PERSIST_ONLY",
        option,
        /^\d+$/.test(String(value)) ? Number(value) : value,
      );
  }
  output.info(`The instance '${instance.address}' was configured to be used in an InnoDB Cluster.`);
  if (findings.every((one) => one.action === "server_update")) return;
  if (args.flag("restart") !== true)
    return output.note("MySQL server needs to be restarted for configuration changes to take effect.");
  output.info("Restarting MySQL...");
  await instance.query("RESTART");
  output.note(`MySQL server at ${instance.address} was restarted.`);
}

async function setWorkers(instance: Instance, workers: number): Promise<void> {
  const current = await readVariable(instance, "replica_parallel_workers");
  if (current !== undefined && current !== String(workers))
    await setVariable(instance, "PERSIST", "replica_parallel_workers", workers);
}
