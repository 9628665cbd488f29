// cluster options: what is set for the cluster, and on each member.
import { errorText, SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { type InstanceRecord, membersOf } from "../metadata/snapshot.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import { readVariable } from "../primitives/variables.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";

interface Option {
  readonly option?: string;
  readonly value: unknown;
  readonly variable?: string;
}

/** Options of the whole cluster that are variables of its members, by name. */
const OF_GROUP: readonly (readonly [option: string, variable: string])[] = [
  ["groupName", "group_replication_group_name"],
  ["memberSslMode", "group_replication_ssl_mode"],
  ["transactionSizeLimit", "group_replication_transaction_size_limit"],
];

const OF_MEMBER: readonly (readonly [option: string, variable: string])[] = [
  ["autoRejoinTries", "group_replication_autorejoin_tries"],
  ["consistency", "group_replication_consistency"],
  ["exitStateAction", "group_replication_exit_state_action"],
  ["expelTimeout", "group_replication_member_expel_timeout"],
  ["groupSeeds", "group_replication_group_seeds"],
  ["ipAllowlist", "group_replication_ip_allowlist"],
  ["localAddress", "group_replication_local_address"],
  ["memberWeight", "group_replication_member_weight"],
];

const APPLIER: readonly string[] = ["replica_parallel_workers", "replica_preserve_commit_order"];

/** Options of the channel between clusters, with their column in performance_schema. */
const OF_CHANNEL: readonly (readonly [option: string, column: string])[] = [
  ["ConnectRetry", "connection_retry_interval"],
  ["RetryCount", "connection_retry_count"],
  ["HeartbeatPeriod", "heartbeat_interval"],
  ["CompressionAlgorithms", "compression_algorithm"],
  ["ZstdCompressionLevel", "zstd_compression_level"],
  ["Bind", "network_interface"],
  ["NetworkNamespace", "network_namespace"],
];

/** The document of `cluster options`; with `--all` every variable of Group Replication. */
export async function clusterOptions({ args }: Call, handle: Handle): Promise<object> {
  await requireRule(handle, "cluster.options");
  const { cluster, snapshot } = handle;
  const members = membersOf(snapshot, cluster);
  const all = args.flag("all") === true;
  const topology = members.map(async (one) => [one.label, await memberOptions(handle, one, all)] as const);
  return {
    clusterName: cluster.name,
    defaultReplicaSet: {
      globalOptions: await globalOptions(handle),
      tags: {
        global: tagsOf(cluster.attributes["tags"]),
        ...Object.fromEntries(members.map(({ label, attributes }) => [label, tagsOf(attributes["tags"])])),
      },
      topology: Object.fromEntries(await Promise.all(topology)),
    },
  };
}

async function globalOptions({ cluster, member, set }: Handle): Promise<readonly Option[]> {
  const attribute = (option: string, name = `opt_${option}`): Option => ({
    option,
    value: cluster.attributes[name] ?? null,
  });
  const stack = await readVariable(member, "group_replication_communication_stack");
  return [
    ...(await variables(member, OF_GROUP)),
    { option: "disableClone", value: cluster.attributes["opt_disableClone"] === true },
    ...["replicationAllowedHost", "memberAuthType", "certIssuer"].map((option) => attribute(option)),
    {
      option: "communicationStack",
      value: stack?.toUpperCase() ?? null,
      variable: "group_replication_communication_stack",
    },
    {
      option: "paxosSingleLeader",
      value: (await readVariable(member, "group_replication_paxos_single_leader")) ?? "OFF",
    },
    ...(set ? OF_CHANNEL.map(([name]) => attribute(`clusterSetReplication${name}`, `opt_repl${name}`)) : []),
  ];
}

async function memberOptions(
  { shell, set, cluster }: Handle,
  record: InstanceRecord,
  all: boolean,
): Promise<readonly Option[] | object> {
  const instance = await shell.pool.attempt(record.address);
  if (instance instanceof SqlError) return { shellConnectError: errorText(instance) };
  const bare = async (names: readonly string[]): Promise<readonly Option[]> =>
    Promise.all(
      names.map(async (variable) => ({ value: (await readVariable(instance, variable)) ?? null, variable })),
    );
  return [
    ...(await variables(instance, OF_MEMBER)),
    { option: "certSubject", value: record.attributes["opt_certSubject"] ?? "" },
    ...(all ? await bare(await otherVariables(instance)) : []),
    ...(await bare(APPLIER)),
    ...(set && cluster.role !== "PRIMARY" ? await channelOptions(instance) : []),
  ];
}

const variables = (
  instance: Instance,
  names: readonly (readonly [option: string, variable: string])[],
): Promise<readonly Option[]> =>
  Promise.all(
    names.map(async ([option, variable]) => ({
      option,
      value: (await readVariable(instance, variable)) ?? null,
      variable,
    })),
  );

async function otherVariables(instance: Instance): Promise<readonly string[]> {
  const rows = await instance.query(
    "SELECT variable_name AS name FROM performance_schema.global_variables WHERE variable_name LIKE 'group\\_replication\\_%' ORDER BY 1",
  );
  const known = OF_MEMBER.map(([, variable]) => variable);
  return rows.map((row) => String(row["name"])).filter((name) => !known.includes(name));
}

async function channelOptions(instance: Instance): Promise<readonly Option[]> {
  const columns = OF_CHANNEL.map(([name, column]) => `${column} AS ${name}`).join(", ");
  const [row] = await instance.query(
    `SELECT ${columns} FROM performance_schema.replication_connection_configuration WHERE channel_name = ?`,
    [CLUSTERSET],
  );
  return OF_CHANNEL.map(([name]) => ({
    option: `clusterSetReplication${name}`,
    value: row?.[name] ?? null,
  }));
}

function tagsOf(tags: unknown): readonly Option[] {
  if (tags === null || typeof tags !== "object") return [];
  return Object.entries(tags).map(([option, value]) => ({ option, value }));
}
