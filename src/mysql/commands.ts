// The AdminAPI commands that the charm gives, as argument lists. Facts: MySQL Shell 8.0 manual, "AdminAPI", and its command-line integration.
import type { ShellCommand } from "./ports.ts";

type Options = Readonly<Record<string, string | undefined>>;

function command(
  object: ShellCommand["object"],
  operation: string,
  args: readonly string[],
  deadlineSeconds: number,
  options: Options = {},
): ShellCommand {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { object, operation, args, options: Object.fromEntries(given), deadlineSeconds };
}

const HOUR = 3_600;
/** The most that taking a cluster out of a set takes. */
export const REMOVAL_SECONDS = 600;
/** How recovery gets the data: from the binary logs of a member, or by copying a member. */
export type RecoveryMethod = "incremental" | "clone";

export const commands = {
  configureInstance: () => command("dba", "configure-instance", [], 120),
  createCluster: (name: string) =>
    command("dba", "create-cluster", [name], 180, {
      "communication-stack": "MYSQL",
      // Every account and setting made before is outside the binary log, so an empty joiner can catch up from it.
      "gtid-set-is-complete": "true",
    }),
  createClusterSet: (name: string) => command("cluster", "create-cluster-set", [name], 120),
  setLabel: (host: string, label: string) =>
    command("cluster", "set-instance-option", [`${host}:3306`, "label", label], 60),
  addInstance: (host: string, label: string, recoveryMethod: RecoveryMethod) =>
    command("cluster", "add-instance", [`${host}:3306`], 24 * HOUR, {
      label,
      "recovery-method": recoveryMethod,
      "recovery-progress": "1",
    }),
  rejoinInstance: (host: string, recoveryMethod: RecoveryMethod) =>
    command("cluster", "rejoin-instance", [`${host}:3306`], 24 * HOUR, {
      // The option came with MySQL Shell 8.1; without it the member catches up from the binary logs.
      "recovery-method": recoveryMethod === "clone" ? "clone" : undefined,
    }),
  /** With `force` also a member that is not online, or that does not answer: then from the metadata alone. */
  removeInstance: (host: string, force: boolean) =>
    command("cluster", "remove-instance", [`${host}:3306`], 120, { force: force ? "true" : undefined }),
  forceQuorum: (host: string) => command("cluster", "force-quorum-using-partition-of", [`${host}:3306`], 180),
  /** Starts the group on `seed` and brings the others back. `force`: although some members do not answer. */
  reboot: (name: string, seed: string, force: boolean) =>
    command("dba", "reboot-cluster-from-complete-outage", [name], HOUR, {
      primary: `${seed}:3306`,
      force: force ? "true" : undefined,
    }),
  dissolve: () => command("cluster", "dissolve", [], 180, { force: "true" }),
  createReplicaCluster: (
    endpoint: string,
    name: string,
    recoveryMethod: RecoveryMethod,
    donor: string | undefined,
  ) =>
    command("clusterset", "create-replica-cluster", [`${endpoint}:3306`, name], 24 * HOUR, {
      "recovery-method": recoveryMethod,
      "recovery-progress": "1",
      timeout: "0",
      "communication-stack": "MYSQL",
      "clone-donor": recoveryMethod === "clone" ? donor : undefined,
    }),
  setPrimaryInstance: (host: string) => command("cluster", "set-primary-instance", [`${host}:3306`], 120),
  setPrimaryCluster: (name: string) => command("clusterset", "set-primary-cluster", [name], 180),
  /** Of servers that are silent every one costs its connection's deadline. Names are checked: JSON needs no quoting of them. */
  forcePrimaryCluster: (name: string, invalidate: readonly string[]) =>
    command("clusterset", "force-primary-cluster", [name], 300, {
      "invalidate-replica-clusters:json": invalidate.length === 0 ? undefined : JSON.stringify(invalidate),
    }),
  rejoinCluster: (name: string) => command("clusterset", "rejoin-cluster", [name], 120),
  fenceWrites: () => command("cluster", "fence-writes", [], 60),
  unfenceWrites: () => command("cluster", "unfence-writes", [], 60),
  removeCluster: (name: string, force: boolean) =>
    command("clusterset", "remove-cluster", [name], REMOVAL_SECONDS, { force: force ? "true" : undefined }),
} as const;

/** The argument list after mysqlsh's own options. Positional values cannot be taken for options: each is checked to start otherwise. */
export function commandArguments(given: ShellCommand): readonly string[] {
  const hostile = given.args.find((arg) => arg.startsWith("-") || arg === "{" || arg === "}");
  if (hostile !== undefined) throw new Error(`${given.operation}: an argument starts with "-"`);
  const options = Object.entries(given.options).map(([name, value]) => `--${name}=${value}`);
  return ["--", given.object, given.operation, ...given.args, ...options];
}
