// The charm's configuration file of mysqld: pure text from the options, the memory and the machine's names.
import { createHash } from "node:crypto";
import { paths } from "../machine/paths.ts";
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

/** The text of z-custom-mysqld.cnf. */
export function serverConfig(input: ServerConfigInput): string {
  const { config } = input;
  const memory =
    config.profile === "testing"
      ? testingMemory
      : productionMemory(input.machineBytes, config["profile-limit-memory"]);
  const lines = Object.entries({ ...settings(input), ...memoryKeys(memory) }).map(
    ([key, value]) => `${key} = ${value}`,
  );
  return `[mysqld]\n${lines.join("\n")}\n`;
}

function settings(input: ServerConfigInput): Readonly<Record<string, string>> {
  return {
    bind_address: "0.0.0.0",
    mysqlx_bind_address: "0.0.0.0",
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
    "loose-group_replication_paxos_single_leader": "ON",
  };
}

function memoryKeys(memory: MemorySettings): Readonly<Record<string, string>> {
  return {
    max_connections: String(memory.maxConnections),
    innodb_buffer_pool_size: String(memory.bufferPoolBytes),
    ...(memory.bufferPoolChunkBytes === undefined
      ? {}
      : { innodb_buffer_pool_chunk_size: String(memory.bufferPoolChunkBytes) }),
    ...(memory.groupCacheBytes === undefined
      ? {}
      : { "loose-group_replication_message_cache_size": String(memory.groupCacheBytes) }),
    ...(memory.memoryInstruments ? {} : { "performance-schema-instrument": "'memory/%=OFF'" }),
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
