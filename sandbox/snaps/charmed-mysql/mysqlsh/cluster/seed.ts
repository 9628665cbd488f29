// Making a group of one server and writing it down: what createCluster and createReplicaCluster share.
import { insertCluster, insertInstance, installSchema } from "../metadata/records.ts";
import type { Arguments } from "../options.ts";
import type { Output } from "../output.ts";
import {
  accountExists,
  createRecoveryAccount,
  dropAccount,
  newCredentials,
  recoveryUser,
} from "../primitives/accounts.ts";
import { setRecoveryCredentials } from "../primitives/channel.ts";
import { bootstrapGroup, isWritableByElection, resetActions, waitFor } from "../primitives/group.ts";
import {
  installPlugin,
  isOn,
  memberOptions,
  readVariable,
  setGroupOptions,
  setVariable,
} from "../primitives/variables.ts";
import type { Instance } from "../session.ts";

/** A new cluster on one server. */
export interface Seed {
  readonly target: Instance;
  readonly name: string;
  readonly args: Arguments;
  /** the primary of the primary cluster, when the new cluster is a replica of it */
  readonly globalPrimary: Instance | undefined;
}

/** The lines that end the making of a cluster. */
const CREATED =
  "Cluster successfully created. Use Cluster.addInstance() to add MySQL instances.\nAt least 3 instances are needed for the cluster to be able to withstand up to\none server failure.";

/** Starts the group and writes the metadata. Answers the new cluster's id. */
export async function createSeed(output: Output, seed: Seed): Promise<string> {
  const { target, name, args, globalPrimary } = seed;
  output.info(`Creating InnoDB Cluster '${name}' on '${target.address}'...\n`);
  output.info("Adding Seed Instance...");
  // A cloned server comes back with what it had persisted.
  if (await isOn(target, "super_read_only")) await setVariable(target, "GLOBAL", "super_read_only", "OFF");
  await installPlugin(target, "group_replication");
  if (globalPrimary) await resetActions(target);
  const limit = await sizeLimit(seed);
  await giveRecoveryAccount(target, globalPrimary !== undefined);
  const groupName = args.text("groupName") ?? String(await target.value("SELECT UUID()"));
  await setGroupOptions(target, {
    groupName,
    localAddress: args.text("localAddress") ?? target.address,
    sslMode: sslModeOf(args),
    communicationStack: "MYSQL",
    startOnBoot: args.flag("manualStartOnBoot") !== true,
    transactionSizeLimit: globalPrimary ? 0 : limit,
    others: memberOptions(args),
  });
  await bootstrapGroup(target);
  if (await isWritableByElection(target))
    await waitFor(
      async () => !(await isOn(target, "super_read_only")),
      60,
      () => `'${target.address}' stays read only`,
    );
  if (!globalPrimary) await installSchema(target);
  const id = await writeMetadata(seed, groupName, limit);
  if (args.flag("disableClone") !== true) await installPlugin(target, "clone");
  output.lines(CREATED, "");
  return id;
}

/** AUTO and no value mean REQUIRED: every server here has TLS. */
function sslModeOf(args: Arguments): string {
  const mode = args.text("memberSslMode") ?? "AUTO";
  return mode === "AUTO" ? "REQUIRED" : mode;
}

async function sizeLimit({ target, args }: Seed): Promise<number> {
  const current = await readVariable(target, "group_replication_transaction_size_limit");
  return args.integer("transactionSizeLimit") ?? (Number(current) || 150_000_000);
}

/** For a replica cluster the account is not logged: it would be a transaction that the primary cluster lacks. */
async function giveRecoveryAccount(target: Instance, unlogged: boolean): Promise<void> {
  const account = newCredentials(recoveryUser(target.serverId));
  const create = async (): Promise<void> => {
    if (await accountExists(target, account.user)) await dropAccount(target, account.user);
    await createRecoveryAccount(target, account);
  };
  if (unlogged) await target.withoutBinlog(create);
  else await create();
  await setRecoveryCredentials(target, account);
}

async function writeMetadata(
  { target, name, args, globalPrimary }: Seed,
  groupName: string,
  limit: number,
): Promise<string> {
  const writer = globalPrimary ?? target;
  const joinTime = String(await target.value("SELECT UTC_TIMESTAMP(3) AS now"));
  return writer.transaction(async () => {
    const id = await insertCluster(writer, {
      name,
      groupName,
      attributes: {
        opt_gtidSetIsComplete: args.flag("gtidSetIsComplete") === true,
        opt_manualStartOnBoot: args.flag("manualStartOnBoot") === true,
        opt_replicationAllowedHost: args.text("replicationAllowedHost") ?? "%",
        opt_memberAuthType: "PASSWORD",
        opt_certIssuer: "",
        opt_transactionSizeLimit: limit,
        ...(args.flag("disableClone") === true ? { opt_disableClone: true } : {}),
        capabilities: { communicationStack: { value: "MYSQL", allow: [] } },
      },
    });
    await insertInstance(writer, {
      clusterId: id,
      address: target.address,
      uuid: target.uuid,
      label: target.address,
      grLocal: args.text("localAddress") ?? target.address,
      attributes: {
        server_id: target.serverId,
        joinTime,
        opt_certSubject: "",
        recoveryAccountUser: recoveryUser(target.serverId),
        recoveryAccountHost: "%",
      },
    });
    return id;
  });
}
