// Server variables: how they are set, and the Group Replication options of a member in the order they are set.
import type { Arguments } from "../options.ts";
import type { Instance } from "../session.ts";

type Scope = "PERSIST" | "GLOBAL" | "PERSIST_ONLY";

/** Sets a variable; null means its default. */
export async function setVariable(
  instance: Instance,
  scope: Scope,
  name: string,
  value: string | number | null,
): Promise<void> {
  if (value === null) await instance.query(`SET ${scope} \`${name}\` = DEFAULT`);
  else await instance.query(`SET ${scope} \`${name}\` = ?`, [value]);
}

/** The value of a global variable as text; undefined for one that the server does not know. */
export async function readVariable(instance: Instance, name: string): Promise<string | undefined> {
  const value = await instance.value(
    "SELECT variable_value AS value FROM performance_schema.global_variables WHERE variable_name = ?",
    [name],
  );
  return value === undefined ? undefined : String(value);
}

export const isOn = async (instance: Instance, name: string): Promise<boolean> =>
  ["ON", "1"].includes((await readVariable(instance, name)) ?? "");

/** Installs a plugin unless it is active. A server that is read only is made writable for it. */
export async function installPlugin(instance: Instance, name: "group_replication" | "clone"): Promise<void> {
  const status = await instance.value(
    "SELECT plugin_status AS status FROM information_schema.plugins WHERE plugin_name = ?",
    [name],
  );
  if (status === "ACTIVE") return;
  const readOnly = await isOn(instance, "super_read_only");
  if (readOnly) await setVariable(instance, "GLOBAL", "super_read_only", "OFF");
  const library = name === "clone" ? "mysql_clone.so" : "group_replication.so";
  await instance.query(`INSTALL PLUGIN \`${name}\` SONAME '${library}'`);
  if (readOnly) await setVariable(instance, "GLOBAL", "super_read_only", "ON");
}

/** The options of a member that its cluster or the command line decides. */
export interface GroupOptions {
  readonly groupName?: string;
  readonly localAddress: string;
  readonly seeds?: readonly string[];
  readonly sslMode: string;
  readonly communicationStack: string;
  readonly startOnBoot: boolean;
  readonly transactionSizeLimit?: number;
  /** the remaining ones, by variable name */
  readonly others: ReadonlyMap<string, string | number>;
}

const RECOVERY_TLS = ["ca", "capath", "cipher", "crl", "crlpath"].map(
  (name) => `group_replication_recovery_ssl_${name}`,
);

/** Variables of the options that a command line can give, in the order in which they are set. */
const BY_OPTION: readonly (readonly [option: string, variable: string])[] = [
  ["ipAllowlist", "group_replication_ip_allowlist"],
  ["exitStateAction", "group_replication_exit_state_action"],
  ["memberWeight", "group_replication_member_weight"],
  ["consistency", "group_replication_consistency"],
  ["expelTimeout", "group_replication_member_expel_timeout"],
  ["autoRejoinTries", "group_replication_autorejoin_tries"],
];

/** The member options given on the command line. */
export function memberOptions(args: Arguments): ReadonlyMap<string, string | number> {
  const given = BY_OPTION.flatMap(([option, variable]) => {
    const value = args.text(option);
    return value === undefined ? [] : [[variable, /^\d+$/.test(value) ? Number(value) : value] as const];
  });
  const paxos = args.flag("paxosSingleLeader");
  return new Map<string, string | number>(
    paxos === undefined ? given : [...given, ["group_replication_paxos_single_leader", paxos ? "ON" : "OFF"]],
  );
}

/** Sets every option of a member that is about to start Group Replication. */
export async function setGroupOptions(instance: Instance, options: GroupOptions): Promise<void> {
  if (await isOn(instance, "offline_mode")) await setVariable(instance, "GLOBAL", "offline_mode", "OFF");
  for (const name of [...RECOVERY_TLS, "group_replication_recovery_tls_version"])
    await setVariable(instance, "GLOBAL", name, null);
  if (!options.others.has("group_replication_paxos_single_leader"))
    await setVariable(instance, "PERSIST", "group_replication_paxos_single_leader", null);
  for (const [name, value] of settings(options)) await setVariable(instance, "PERSIST", name, value);
}

function settings(options: GroupOptions): readonly (readonly [string, string | number])[] {
  const { groupName, seeds, transactionSizeLimit } = options;
  return [
    ["super_read_only", "ON"],
    ...(groupName === undefined ? [] : [["group_replication_group_name", groupName] as const]),
    ["group_replication_enforce_update_everywhere_checks", "OFF"],
    ["group_replication_single_primary_mode", "ON"],
    ["group_replication_recovery_use_ssl", options.sslMode === "DISABLED" ? "OFF" : "ON"],
    [
      "group_replication_recovery_ssl_verify_server_cert",
      options.sslMode === "VERIFY_IDENTITY" ? "ON" : "OFF",
    ],
    ["group_replication_ssl_mode", options.sslMode],
    ["group_replication_local_address", options.localAddress],
    ...(seeds === undefined ? [] : [["group_replication_group_seeds", seeds.join(",")] as const]),
    ...options.others,
    ["group_replication_start_on_boot", options.startOnBoot ? "ON" : "OFF"],
    ["group_replication_communication_stack", options.communicationStack],
    ...(transactionSizeLimit === undefined
      ? []
      : [["group_replication_transaction_size_limit", transactionSizeLimit] as const]),
    ["auto_increment_increment", 1],
    ["auto_increment_offset", 2],
  ];
}
