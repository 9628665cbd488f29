// What a real server is asked, and the signs by which it is seen that something is still under way there.
import type { UnitAnswer } from "./answer.ts";

/** Also where there is no metadata, and where no client has written yet. */
export const ASK = `SET @q = IF(EXISTS(SELECT 1 FROM information_schema.tables
    WHERE table_schema = 'mysql_innodb_cluster_metadata' AND table_name = 'clusterset_views'),
  "SELECT CONCAT(s.domain_name, ' ', m.cluster_name, ' ', IF(m.invalidated, 'INVALIDATED', m.member_role))
     FROM mysql_innodb_cluster_metadata.v2_cs_members m
     JOIN mysql_innodb_cluster_metadata.v2_this_instance t USING (cluster_id)
     JOIN mysql_innodb_cluster_metadata.v2_cs_clustersets s ON s.clusterset_id = m.clusterset_id",
  "SELECT 'none' FROM DUAL WHERE FALSE");
SET @r = IF(EXISTS(SELECT 1 FROM information_schema.tables WHERE table_schema = 'shop'),
  "SELECT CONCAT('row:', id) FROM shop.orders ORDER BY id", "SELECT 1 FROM DUAL WHERE FALSE");
SELECT CONCAT('member:', COALESCE((SELECT CONCAT(member_state, ' ', member_role)
  FROM performance_schema.replication_group_members WHERE member_id = @@server_uuid), 'OFFLINE'));
SELECT CONCAT('quorum:', COUNT(*) = 0 OR SUM(member_state IN ('ONLINE', 'RECOVERING')) * 2 > COUNT(*)
  OR MAX(member_id) = '') FROM performance_schema.replication_group_members;
SELECT CONCAT('readonly:', @@GLOBAL.read_only OR @@GLOBAL.super_read_only OR @@GLOBAL.offline_mode);
SELECT CONCAT('starting:', COUNT(*)) FROM performance_schema.threads
  WHERE name IN ('thread/group_rpl/THD_delayed_initialization', 'thread/group_rpl/THD_autorejoin');
SELECT CONCAT('online:', COUNT(*)) FROM performance_schema.replication_group_members
  WHERE member_state = 'ONLINE';
SELECT CONCAT('source:', source_uuid) FROM performance_schema.replication_connection_status
  WHERE channel_name = 'clusterset_replication' AND service_state = 'ON';
SELECT CONCAT('uuid:', @@server_uuid);
SELECT 'set:'; PREPARE s FROM @q; EXECUTE s; PREPARE s FROM @r; EXECUTE s;`.replaceAll("\n", " ");

/** What a server says beside its answer, by which it is seen that something is still under way. */
export interface Signs {
  readonly site: string;
  readonly uuid: string;
  readonly online: boolean;
  /** How many members it sees online. */
  readonly sees: number;
  /** The server that its channel is connected with. */
  readonly source: string;
  readonly starting: boolean;
}

export interface Seen {
  readonly answer: UnitAnswer;
  readonly signs: Signs | undefined;
}

/** Nothing is known of a server that did not answer. */
export const silent = (status: string, member: string): Seen => ({
  answer: { status, member, set: "", takesWrites: false, rows: [] },
  signs: undefined,
});

/** Reads the answer to ASK. */
export function seenIn(lines: readonly string[], site: string, status: string): Seen {
  const of = (key: string): string =>
    lines.find((line) => line.startsWith(`${key}:`))?.slice(key.length + 1) ?? "";
  const member = of("member").trim();
  const set = lines[lines.indexOf("set:") + 1];
  const rows = lines.filter((line) => line.startsWith("row:")).map((line) => line.slice(4));
  return {
    answer: {
      ...{ status, member, rows: rows.sort() },
      set: set === undefined || set.startsWith("row:") ? "none" : set,
      takesWrites: of("readonly") === "0" && of("quorum") === "1",
    },
    signs: {
      ...{ site, uuid: of("uuid"), sees: Number(of("online")), source: of("source") },
      online: member.startsWith("ONLINE"),
      starting: of("starting") !== "0" || member.startsWith("RECOVERING"),
    },
  };
}

/** Silence takes MySQL seconds to notice, and a channel a minute. `cuts`: pairs of sites that are cut, as `a,b`. */
export function isMoving(signs: readonly Signs[], cuts: ReadonlySet<string>): boolean {
  return signs.some((one) => {
    const mates = signs.filter(({ site, online }) => site === one.site && online).length;
    const source = signs.find(({ uuid }) => uuid === one.source);
    const cut = source === undefined || cuts.has([one.site, source.site].sort().join());
    return one.starting || (one.online && one.sees > mates) || (one.source !== "" && cut);
  });
}
