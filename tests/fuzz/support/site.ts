// Sites at rest, to put something hostile into: nothing is left to do, so whatever is done came of it.
import { runEvent } from "../../../lib/testing/world.ts";
import { mysqlSql } from "../../../src/mysql/sql.ts";
import type { Ports } from "../../../src/ports.ts";
import { primaryServer } from "../../src/support/mysql.ts";
import {
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  serverPassword,
} from "../../src/support/world.ts";

const { quoting } = mysqlSql();

/** Literals are made as on real servers. */
export function realQuotes(ports: Ports): Ports {
  return { ...ports, sql: { ...ports.sql, quoting } };
}

/** This unit's server is the primary and only member of rome, as the charm left it. */
export async function rome(options: MachineOptions = {}): Promise<Machine> {
  const local = primaryServer("rome", "empire", { host, password: serverPassword("own") });
  const instance = { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: local.uuid };
  if (local.metadata !== undefined) local.metadata = { ...local.metadata, instances: [instance] };
  const site = machine({
    snap: { kind: "installed", version: "9.7.0" },
    ports: realQuotes,
    ...options,
    servers: { ...options.servers, local },
  });
  await runEvent(site.charm, namedWorld(), { kind: "update-status" });
  local.statements.splice(0);
  return site;
}
