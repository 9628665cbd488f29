// What is true at the end of a journey, as text that is the same for two ends that are alike: what the servers, Juju and the operator see.
import type { Sandbox } from "../../sandbox/client.ts";
import { SET_HOSTS } from "../../src/wire/replication.ts";
import { queryAs, rootPassword } from "../demo/sql.ts";

/** A unit whose server is asked, and the word that stands for it in facts. */
export interface Asked {
  readonly word: string;
  readonly model: string;
  readonly unit: string;
  readonly hostname: string;
  readonly address: string;
}

const METADATA = "mysql_innodb_cluster_metadata";
/** One line a row. What differs from run to run without a meaning is taken out by `canonical`. */
const SQL = [
  "SELECT CONCAT_WS(' ', 'member', member_host, member_state, member_role) FROM performance_schema.replication_group_members",
  "SELECT CONCAT_WS(' ', 'server super_read_only', @@GLOBAL.super_read_only, 'offline_mode', @@GLOBAL.offline_mode, 'start_on_boot', @@GLOBAL.group_replication_start_on_boot)",
  "SELECT CONCAT('database ', schema_name) FROM information_schema.schemata",
  "SELECT CONCAT_WS(' ', 'account', user, host, account_locked) FROM mysql.user",
  "SELECT CONCAT_WS(' ', 'channel', channel_name, c.user, s.service_state, a.service_state) FROM performance_schema.replication_connection_configuration c JOIN performance_schema.replication_connection_status s USING (channel_name) JOIN performance_schema.replication_applier_status a USING (channel_name) WHERE channel_name NOT LIKE 'group_replication%'",
  "SELECT CONCAT_WS(' ', 'source', channel_name, host, port) FROM performance_schema.replication_asynchronous_connection_failover",
  "SELECT CONCAT_WS(' ', 'action', name, event, enabled) FROM performance_schema.replication_group_member_actions",
].join("; ");
/** Whether the metadata lists the server itself: what a removed one keeps of it is a copy that nobody reads any more. */
const LISTED = `SELECT COUNT(*) FROM ${METADATA}.v2_instances WHERE mysql_server_uuid = @@GLOBAL.server_uuid`;
/** It is by chance, too, whether the end of the accounts came over the channel before that ended. */
const IN_CLUSTER = new RegExp(`^(?:database ${METADATA}|account mysql_innodb_(?:cluster|cs)_.*)$`);
const METADATA_SQL = [
  `SELECT CONCAT_WS(' ', 'cluster', cluster_name, clusterset_id IS NOT NULL) FROM ${METADATA}.v2_clusters`,
  `SELECT CONCAT_WS(' ', 'instance', label, address, cluster_name, attributes->>'$.recoveryAccountUser') FROM ${METADATA}.v2_instances JOIN ${METADATA}.v2_clusters USING (cluster_id)`,
  `SELECT CONCAT_WS(' ', 'set', domain_name) FROM ${METADATA}.v2_cs_clustersets`,
  `SELECT CONCAT_WS(' ', 'in set', cluster_name, member_role, invalidated) FROM ${METADATA}.v2_cs_members`,
].join("; ");

const ERRANT = "SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '')";
const ROWS = "SELECT COUNT(*) FROM demo.numbered";

/** Counters, ages and names by chance. Order matters: a longer name before what is part of it. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>"],
  [/secret:\/\/<uuid>\/[0-9a-z]{20}|secret:[0-9a-z]{20}/g, "<secret>"],
  [/<uuid>:\d+\.\d+/g, "<view>"],
  [/mysql_innodb_(cluster|cs)_[0-9a-f]+/g, "<$1 account>"],
  [/cluster-set-[0-9a-f]{32}/g, "<set>"],
  [/\d+ s behind/g, "<n> s behind"],
  [/(\\"|")\d+(\\"|"):\{/g, "<id>:{"],
];

/** They tell how often something has been done, and by that how a state was reached. */
const COUNTERS: readonly string[] = ["switchover", "passwords-generation"];

/** Takes out of a line what chance put in, and puts words for the names of machines and units. */
export function canonical(line: string, known: readonly Asked[]): string {
  let text = line;
  for (const { word, unit, hostname, address } of known) {
    for (const name of [unit, unit.replace("/", "-"), hostname, address])
      text = text.replaceAll(new RegExp(`(?<![\\w.-])${name.replaceAll(".", "\\.")}(?!\\d)`, "g"), word);
  }
  for (const [pattern, instead] of CHANCE) text = text.replaceAll(pattern, instead);
  return text;
}

/** Passwords of root, by application: they change when one application takes over those of another. */
export class Servers {
  readonly #sandbox: Sandbox;
  readonly #passwords = new Map<string, string>();

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Rows of SQL run as root on a unit's server. @throws Error when it does not answer or refuses. */
  async ask({ model, unit }: Pick<Asked, "model" | "unit">, sql: string): Promise<readonly string[]> {
    const place = { sandbox: this.#sandbox, model, unit };
    const known = this.#passwords.get(unit);
    if (known !== undefined) {
      try {
        return await queryAs(place, known, sql);
      } catch (error) {
        if (!(error instanceof Error && error.message.includes("1045"))) throw error;
      }
    }
    const password = await rootPassword(this.#sandbox, model, unit);
    this.#passwords.set(unit, password);
    return await queryAs(place, password, sql);
  }
}

/** Whose facts are read. */
export interface Wanted {
  readonly asked: readonly Asked[];
  /** All units there are: their names are in what others say, also where they cannot be asked. */
  readonly known: readonly Asked[];
  /** Those that have to have all rows that the client was acknowledged. */
  readonly holding: readonly Asked[];
  /** How many rows these are. */
  readonly acknowledged: number;
}

/** Everything about the units that are asked, sorted lines. */
export async function readFacts(
  sandbox: Sandbox,
  servers: Servers,
  { asked, known, holding, acknowledged }: Wanted,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const one of asked) {
    const said = (line: string): void => void lines.push(`${one.word}: ${canonical(line, known)}`);
    const isListed = (await servers.ask(one, LISTED).catch(() => []))[0] === "1";
    for (const row of await answerOf(servers, one, isListed ? `${SQL}; ${METADATA_SQL}` : SQL))
      if (!isFoundLater(row, known) && (isListed || !IN_CLUSTER.test(row))) said(row);
    for (const line of await bagsOf(sandbox, one, known)) said(line);
  }
  for (const one of holding) lines.push(`${one.word}: ${await rowsOf(servers, one, acknowledged)}`);
  for (const model of new Set(asked.map((one) => one.model)))
    for (const line of await modelFacts(sandbox, model, asked)) lines.push(canonical(line, known));
  return lines.sort();
}

/** A channel finds the other members of its source's group when it next looks, which is not the charm's doing. */
function isFoundLater(row: string, known: readonly Asked[]): boolean {
  const newcomer = known.find(({ word }) => word === "newcomer");
  return newcomer !== undefined && row.startsWith("source ") && row.includes(` ${newcomer.hostname} `);
}

async function answerOf(servers: Servers, one: Asked, sql: string): Promise<readonly string[]> {
  return await servers.ask(one, sql).catch((error: Error) => [`does not answer: ${error.message}`]);
}

async function rowsOf(servers: Servers, one: Asked, acknowledged: number): Promise<string> {
  const [rows = "none"] = await answerOf(servers, one, ROWS);
  return Number(rows) >= acknowledged
    ? "has all acknowledged rows"
    : `lacks rows: ${rows} of ${acknowledged}`;
}

/** Transactions that the first has and the second lacks; what clients write in between does not count. */
export async function errantOf(servers: Servers, one: Asked, source: Asked): Promise<string> {
  const [executed = ""] = await answerOf(servers, one, ERRANT);
  const [errant = ""] = await answerOf(
    servers,
    source,
    `SELECT GTID_SUBTRACT('${executed}', @@GLOBAL.gtid_executed)`,
  );
  return errant;
}

interface Relation {
  readonly endpoint: string;
  readonly "application-data"?: unknown;
  readonly "own-application-data"?: unknown;
  readonly "local-unit"?: { readonly data?: unknown };
}

/** Names of units that are gone are kept until the other site looks at its record anew, which can take 15 minutes. */
function withoutGone(list: string, known: readonly Asked[]): string {
  const hosts = JSON.parse(list === "" ? "[]" : list) as readonly { readonly names: readonly string[] }[];
  return JSON.stringify(hosts.filter(({ names }) => known.some(({ hostname }) => names.includes(hostname))));
}

async function bagsOf(
  sandbox: Sandbox,
  { model, unit }: Asked,
  known: readonly Asked[],
): Promise<readonly string[]> {
  const shown = JSON.parse(await sandbox.mustJuju(["show-unit", "-m", model, unit, "--format", "json"])) as {
    readonly [name: string]: { readonly "relation-info"?: readonly Relation[] };
  };
  return (shown[unit]?.["relation-info"] ?? []).flatMap((relation) => {
    const line = (what: string, data: unknown): readonly string[] =>
      Object.entries((data ?? {}) as Record<string, string>).flatMap(([key, value]) =>
        COUNTERS.includes(key)
          ? []
          : [
              `bag ${relation.endpoint} ${what} ${key}: ${key === SET_HOSTS ? withoutGone(value, known) : value}`,
            ],
      );
    return [
      ...line("application", relation["application-data"]),
      ...line("own application", relation["own-application-data"]),
      ...line("unit", relation["local-unit"]?.data),
    ];
  });
}

async function modelFacts(
  sandbox: Sandbox,
  model: string,
  asked: readonly Asked[],
): Promise<readonly string[]> {
  const apps = new Set(asked.filter((one) => one.model === model).map(({ unit }) => unit.split("/")[0]));
  const status = await sandbox.status(model);
  const units = Object.entries(status.applications).flatMap(([app, one]) =>
    !apps.has(app)
      ? []
      : [
          `application ${app}: ${one["application-status"].current} ${one["application-status"].message ?? ""}`,
          // Which member is the primary is by chance where one was restarted.
          ...Object.values(one.units ?? {}).map(
            ({ "workload-status": { current, message = "" } }) => `unit of ${app}: ${current} ${message}`,
          ),
        ],
  );
  const secrets = JSON.parse(await sandbox.mustJuju(["secrets", "-m", model, "--format", "json"])) as {
    readonly [id: string]: { readonly owner: string; readonly label?: string };
  };
  return [
    ...units,
    ...Object.values(secrets).flatMap(({ owner, label = "" }) =>
      apps.has(owner) ? [`secret of ${owner} ${label}`] : [],
    ),
  ];
}

/** Lines of one and not of the other, as a diff has them. */
export function differences(wanted: readonly string[], found: readonly string[]): readonly string[] {
  return [...lacking(wanted, found, "-"), ...lacking(found, wanted, "+")];
}

function lacking(all: readonly string[], others: readonly string[], sign: string): readonly string[] {
  const left = [...others];
  return all.flatMap((line) => {
    const at = left.indexOf(line);
    if (at < 0) return [`${sign} ${line}`];
    left.splice(at, 1);
    return [];
  });
}
