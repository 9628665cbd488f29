// Two clusters of two servers become a ClusterSet, which is switched over, fails to, and is switched back.
import { openSites, report } from "../../machine/in-hub.ts";
import { mysqlsh, nameServers, open, type Place, sql, startServer, until } from "../support/servers.ts";

const [folder = "", root = "", template = ""] = process.argv.slice(2);
const place: Place = { folder, root, template };
const [site] = await openSites(1);
if (site === undefined) throw new Error("no site");

const names = ["r1", "r2", "l1", "l2"];
const addressOf = (index: number): string => site.gateway.replace(/\d+$/, String(11 + index));
await nameServers(folder, Object.fromEntries(names.map((name, index) => [name, addressOf(index)])));
await Promise.all(names.map((name, index) => startServer(name, addressOf(index), 101 + index, site, place)));

const seen: Record<string, unknown> = {};

seen["configure"] = (await mysqlsh("r1", "dba", "configure-instance")).code;
seen["check"] = (await mysqlsh("r1", "dba", "check-instance-configuration")).result;
seen["standalone"] = await mysqlsh("r1", "cluster", "status");
seen["create"] = await mysqlsh("r1", "dba", "create-cluster", "rome", "--communication-stack=MySQL");
seen["label"] = await mysqlsh("r1", "cluster", "set-instance-option", "r1:3306", "label", "rome-0");
seen["create again"] = await mysqlsh("r1", "dba", "create-cluster", "rome");
seen["undecided"] = await mysqlsh("r1", "cluster", "add-instance", "r2:3306");
await sql("r1", "CREATE DATABASE app");
await sql("r1", "CREATE TABLE app.t (id INT PRIMARY KEY)");
seen["add r2"] = await mysqlsh(
  "r1",
  "cluster",
  "add-instance",
  "r2:3306",
  "--recovery-method=incremental",
  "--label=rome-1",
);
seen["cluster status"] = (await mysqlsh("r2", "cluster", "status", "--extended=1")).result;
seen["not in a set"] = await mysqlsh("r1", "clusterset", "status");
seen["create set"] = await mysqlsh("r1", "cluster", "create-cluster-set", "cities");
seen["replica"] = await mysqlsh(
  "r2",
  "clusterset",
  "create-replica-cluster",
  "l1:3306",
  "lisbon",
  "--recovery-method=clone",
);
seen["name in use"] = await mysqlsh("r2", "clusterset", "create-replica-cluster", "l2:3306", "LISBON");
seen["add l2"] = await mysqlsh(
  "l1",
  "cluster",
  "add-instance",
  "l2:3306",
  "--recovery-method=clone",
  "--recovery-progress=0",
);
seen["set status"] = (await mysqlsh("l2", "clusterset", "status", "--extended=1")).result;
await sql("r1", "INSERT INTO app.t VALUES (1)");
seen["write on replica"] = await sql("l1", "INSERT INTO app.t VALUES (9)");

// A reader's lock on the metadata keeps the new primary cluster from hearing of the change.
const blocker = await open("l1");
await blocker.query("LOCK TABLES mysql_innodb_cluster_metadata.clusterset_views READ");
seen["blocked switch"] = await mysqlsh("r1", "clusterset", "set-primary-cluster", "lisbon", "--timeout=1");
blocker.destroy();
await until(async () => {
  const { result } = await mysqlsh("r1", "clusterset", "status");
  return JSON.stringify(result).includes("HEALTHY");
}, "a healthy ClusterSet");
seen["after blocked switch"] = (await mysqlsh("r1", "clusterset", "status")).result;
seen["write after blocked switch"] = await sql("r1", "INSERT INTO app.t VALUES (2)");

const holder = await open("l1");
await holder.query("SELECT service_get_write_locks('AdminAPI_cluster', 'AdminAPI_lock', 0)");
seen["locked"] = await mysqlsh("r1", "clusterset", "set-primary-cluster", "lisbon");
holder.destroy();

seen["switch"] = await mysqlsh("r1", "clusterset", "set-primary-cluster", "lisbon");
seen["write on lisbon"] = await sql("l1", "INSERT INTO app.t VALUES (3)");
seen["write on rome"] = await sql("r1", "INSERT INTO app.t VALUES (9)");
seen["switched status"] = (await mysqlsh("r1", "clusterset", "status")).result;
seen["already"] = await mysqlsh("r1", "clusterset", "set-primary-cluster", "lisbon");
seen["switch back"] = await mysqlsh("r2", "clusterset", "set-primary-cluster", "rome");
await until(
  async () => JSON.stringify(await sql("l2", "SELECT COUNT(*) FROM app.t")) === "[3]",
  "all rows on l2",
);
seen["rows"] = await Promise.all(
  names.map((name) => sql(name, "SELECT GROUP_CONCAT(id ORDER BY id) FROM app.t")),
);
seen["describe"] = (await mysqlsh("l1", "clusterset", "describe")).result;
seen["elect"] = await mysqlsh("l1", "cluster", "set-primary-instance", "l2:3306");
seen["dissolve refused"] = await mysqlsh("r1", "cluster", "dissolve");
seen["remove"] = await mysqlsh("r1", "clusterset", "remove-cluster", "lisbon");
seen["dissolve"] = await mysqlsh("r1", "cluster", "dissolve");
seen["after dissolve"] = await mysqlsh("r2", "cluster", "status");
seen["rows after"] = await Promise.all(
  names.map((name) => sql(name, "SELECT GROUP_CONCAT(id ORDER BY id) FROM app.t")),
);
report(seen);
