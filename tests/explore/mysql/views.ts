// A server of the model as the questions of the charm see it: the one table that knows these questions answers for both.
import { type FakeMetadata, type FakeServer, loneServer } from "../../src/support/mysql.ts";
import { channelFacts } from "./channel.ts";
import { groupOf } from "./groups.ts";
import { gtidText } from "./gtid.ts";
import { type Metadata, type MysqlState, type Server, uuidOf } from "./state.ts";

export function viewOf(state: MysqlState, server: Server): FakeServer {
  const { data } = server;
  const metadata = data.metadata === undefined ? undefined : metadataOf(data.metadata, server.uuid);
  const channel = channelFacts(state, server);
  const old = data.passwords["serverconfig"]?.old;
  return loneServer({
    uuid: server.uuid,
    host: server.host,
    configured: server.configured,
    superReadOnly: server.superReadOnly,
    readOnly: server.readOnly,
    electsWritable: server.actions.writable,
    gtidExecuted: gtidText(data.executed),
    group: membersOf(state, server),
    databases: Object.keys(data.rows).length > 0 ? ["shop"] : [],
    variables: new Map(Object.entries(server.variables)),
    retained: new Set(Object.keys(data.passwords).filter((user) => data.passwords[user]?.old !== undefined)),
    starting: server.starting,
    heldBack: server.offlineMode || server.startOnBoot === false,
    ...(server.startOnBoot === undefined ? {} : { startsOnBoot: server.startOnBoot }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(channel === undefined ? {} : { channel }),
    ...(old === undefined ? {} : { oldPassword: old }),
  });
}

/** performance_schema.replication_group_members of a server. One that failed to join shows itself alone. */
export function membersOf(state: MysqlState, server: Server): FakeServer["group"] {
  const group = groupOf(state, server);
  if (group === undefined) {
    const { uuid, host } = server;
    return server.stopped === "ERROR" ? [{ uuid, host, state: "ERROR", role: "" }] : [];
  }
  const hosts = Object.keys(group.members).sort();
  return hosts.map((host) => ({
    uuid: uuidOf(host),
    host,
    state: group.members[host] ?? "OFFLINE",
    role: group.primary === host ? "PRIMARY" : "SECONDARY",
  }));
}

function metadataOf({ clusters, instances, sets }: Metadata, uuid: string): FakeMetadata {
  const own = instances[uuid]?.cluster;
  const setId = own === undefined ? undefined : clusters[own]?.set;
  const set = setId === undefined ? undefined : sets[setId];
  return {
    own: own === undefined ? undefined : clusters[own]?.name,
    clusters: Object.entries(clusters)
      .map(([id, { name, set: inSet }]) => {
        if (inSet === undefined) return { id, name };
        const role = sets[inSet]?.members[id];
        return { id, name, role: role ?? "REPLICA", invalidated: role === undefined } as const;
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    instances: Object.entries(instances).map(([each, { cluster, label, host }]) => ({
      ...{ cluster: clusters[cluster]?.name ?? "", label, address: `${host}:3306`, uuid: each },
    })),
    ...(setId === undefined || set === undefined ? {} : { setId, domain: set.domain }),
    ...(set === undefined ? {} : { view: String((BigInt(set.generation) << 32n) + BigInt(set.number)) }),
  };
}
