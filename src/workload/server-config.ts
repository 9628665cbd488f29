// What mysqld is to run with: pure data from the options, the memory and the machine's names, and its text as a file.
import { createHash } from "node:crypto";
import { ADMIN_PORT, paths } from "../machine/paths.ts";
import type { Config } from "../wire/config.ts";
import { type MemorySettings, productionMemory, testingMemory } from "./memory.ts";

export interface ServerConfigInput {
  readonly config: Config;
  readonly machineBytes: number;
  /** The name under which the members of all clusters reach this server. */
  readonly host: string;
  /** Number of this server, unique among all servers of a ClusterSet. */
  readonly serverId: number;
}

/** Values as MySQL shows them in performance_schema.global_variables. */
export type Settings = Readonly<Record<string, string>>;

/** The settings that options and revisions of the charm change. */
export interface ServerSettings {
  /** Taken over by a running server. */
  readonly dynamic: Settings;
  /** Taken over at a start of the server only. */
  readonly static: Settings;
}

const DAY_SECONDS = 86_400;

export function serverSettings(input: ServerConfigInput): ServerSettings {
  const memory = memoryOf(input);
  return {
    dynamic: {
      max_connections: String(memory.maxConnections),
      binlog_expire_logs_seconds: String(input.config["binlog-retention-days"] * DAY_SECONDS),
    },
    static: {
      // Loopback only: the charm's own way in when clients have taken all connections.
      admin_address: "127.0.0.1",
      admin_port: String(ADMIN_PORT),
      innodb_buffer_pool_size: String(memory.bufferPoolBytes),
      innodb_buffer_pool_chunk_size: String(memory.bufferPoolChunkBytes),
      group_replication_message_cache_size: String(memory.groupCacheBytes),
    },
  };
}

/** The text of z-custom-mysqld.cnf. */
export function serverConfig(input: ServerConfigInput): string {
  const settings = serverSettings(input);
  const changing = { ...settings.dynamic, ...settings.static };
  const lines = Object.entries({ ...fixed(input), ...changing }).map(
    // Plugins may be loaded later than the file is read.
    ([key, value]) => `${key.startsWith("group_replication_") ? "loose-" : ""}${key} = ${value}`,
  );
  return `[mysqld]\n${lines.join("\n")}\n`;
}

function memoryOf({ config, machineBytes }: ServerConfigInput): MemorySettings {
  const connections = config["experimental-max-connections"];
  if (config.profile === "testing") return testingMemory(connections);
  return productionMemory(machineBytes, { megabytes: config["profile-limit-memory"], connections });
}

/** What no option changes. */
function fixed(input: ServerConfigInput): Settings {
  return {
    bind_address: "*",
    mysqlx_bind_address: "*",
    report_host: input.host,
    report_port: "3306",
    server_id: String(input.serverId),
    gtid_mode: "ON",
    enforce_gtid_consistency: "ON",
    log_error_services: "log_filter_internal;log_sink_internal",
    log_error: paths.errorLog,
    slow_query_log_file: `${paths.logDir}/slow.log`,
    general_log: "OFF",
    general_log_file: `${paths.logDir}/general.log`,
    max_connect_errors: "10000",
    group_replication_paxos_single_leader: "ON",
    ...(memoryOf(input).memoryInstruments ? {} : { "performance-schema-instrument": "'memory/%=OFF'" }),
  };
}

/** The unit's server_id: the same at every try, and another one for every unit of every model. */
export function serverIdOf(modelUuid: string, unit: string): number {
  const hash = createHash("sha256").update(`${modelUuid}/${unit}`).digest();
  // 1 is MySQL's default, which InnoDB Cluster refuses; 2^32 - 1 is the largest.
  return 2 + (hash.readUInt32BE(0) % (2 ** 32 - 3));
}

/** The file that makes mysqld read the account statements at its next start. */
export function initConfig(): string {
  return `[mysqld]\ninit_file = ${paths.initStatements}\n`;
}
