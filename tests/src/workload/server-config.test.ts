import fc from "fast-check";
import { expect, test } from "vitest";
import { type Config, configSchema } from "../../../src/wire/config.ts";
import { initConfig, serverConfig, serverIdOf, serverSettings } from "../../../src/workload/server-config.ts";

const uuid = "11111111-2222-4333-8444-555555555555";
const machine = { machineBytes: 8 * 2 ** 30, host: "mysql-0.lxd", serverId: 77 };

function linesOf(text: string): ReadonlyMap<string, string> {
  const [section, ...lines] = text.trimEnd().split("\n");
  expect(section).toBe("[mysqld]");
  return new Map(
    lines.map((line) => {
      const [key = "", value = ""] = line.split(" = ");
      return [key, value];
    }),
  );
}

const config = (given: Partial<Config> = {}): Config => ({ ...configSchema.parse({}), ...given });

test("production: the machine's memory, and what InnoDB Cluster needs", () => {
  const lines = linesOf(serverConfig({ ...machine, config: config() }));
  expect(Object.fromEntries(lines)).toEqual({
    bind_address: "*",
    mysqlx_bind_address: "*",
    admin_address: "127.0.0.1",
    admin_port: "33062",
    report_host: "mysql-0.lxd",
    report_port: "3306",
    server_id: "77",
    gtid_mode: "ON",
    enforce_gtid_consistency: "ON",
    log_error_services: "log_filter_internal;log_sink_internal",
    log_error: "/var/snap/charmed-mysql/common/var/log/mysql/error.log",
    slow_query_log_file: "/var/snap/charmed-mysql/common/var/log/mysql/slow.log",
    general_log: "OFF",
    general_log_file: "/var/snap/charmed-mysql/common/var/log/mysql/general.log",
    max_connect_errors: "10000",
    "loose-group_replication_paxos_single_leader": "ON",
    "loose-group_replication_message_cache_size": "1073741824",
    max_connections: "256",
    binlog_expire_logs_seconds: "604800",
    innodb_buffer_pool_size: "5368709120",
    innodb_buffer_pool_chunk_size: "671088640",
  });
});

test("testing: little memory, its instruments off", () => {
  const lines = linesOf(serverConfig({ ...machine, config: config({ profile: "testing" }) }));
  expect(lines.get("innodb_buffer_pool_size")).toBe("20971520");
  expect(lines.get("innodb_buffer_pool_chunk_size")).toBe("1048576");
  expect(lines.get("loose-group_replication_message_cache_size")).toBe("134217728");
  expect(lines.get("max_connections")).toBe("100");
  expect(lines.get("performance-schema-instrument")).toBe("'memory/%=OFF'");
});

test("the limit counts in production only", () => {
  const limited = { "profile-limit-memory": 600 } as const;
  const production = linesOf(serverConfig({ ...machine, config: config(limited) }));
  expect(production.get("innodb_buffer_pool_size")).toBe("402653184");
  const testing = serverConfig({ ...machine, config: config({ profile: "testing", ...limited }) });
  expect(testing).toBe(serverConfig({ ...machine, config: config({ profile: "testing" }) }));
});

test("connections and binary logs as the options say", () => {
  const given = config({ "experimental-max-connections": 300, "binlog-retention-days": 2 });
  const lines = linesOf(serverConfig({ ...machine, config: given }));
  expect(lines.get("max_connections")).toBe("300");
  expect(lines.get("binlog_expire_logs_seconds")).toBe("172800");
});

test("every setting that can change is in the file, with the same value", () => {
  const input = { ...machine, config: config() };
  const lines = linesOf(serverConfig(input));
  const settings = serverSettings(input);
  for (const [name, value] of Object.entries({ ...settings.dynamic, ...settings.static }))
    expect([name, lines.get(name) ?? lines.get(`loose-${name}`)]).toEqual([name, value]);
});

test("the same input gives the same text, so that an unchanged file is left alone", () => {
  const input = { ...machine, config: config() };
  expect(serverConfig(input)).toBe(serverConfig({ ...input }));
});

test("server ids: the same at every try, distinct, and of MySQL's range without its default", () => {
  // The first four bytes of sha256sum, modulo 2^32 - 3, plus 2: written down, since members keep their ids for life.
  expect(serverIdOf(uuid, "mysql/0")).toBe(3_903_024_693);
  const ids = Array.from({ length: 9 }, (_, number) => serverIdOf(uuid, `mysql/${number}`));
  expect(new Set([...ids, serverIdOf(uuid.replace("1", "2"), "mysql/0")]).size).toBe(10);
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), (model, number) => {
      const id = serverIdOf(model, `mysql/${number}`);
      expect(id).toBeGreaterThanOrEqual(2);
      expect(id).toBeLessThan(2 ** 32);
    }),
  );
});

test("the file that names the account statements", () => {
  expect(initConfig()).toBe("[mysqld]\ninit_file = /var/snap/charmed-mysql/common/init-accounts.sql\n");
});
