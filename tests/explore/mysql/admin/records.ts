// Steps that write the metadata: transactions on the server that takes the writes of the whole set.

import { commit } from "../data.ts";
import { type Metadata, type SetRecord, type Step, uuidOf } from "../state.ts";
import { connect, type Run } from "./sight.ts";

type Change = (metadata: Metadata, args: readonly string[]) => void;

function writing(change: Change): (run: Run, args: readonly string[]) => readonly Step[] | undefined {
  return (run, [writer = "", ...args]) => {
    commit(run.state, connect(run, writer), (data) => {
      if (data.metadata === undefined) throw new Error(`the model: ${writer} has no metadata to change`);
      change(data.metadata, args);
    });
    return undefined;
  };
}

const setIn = (metadata: Metadata, id: string): SetRecord => {
  const found = metadata.sets[id];
  if (found === undefined) throw new Error(`the model: the metadata knows of no set ${id}`);
  return found;
};

/** The first argument is the host of the writer. */
export const recordSteps = {
  "install-schema": (run: Run, [host = ""]: readonly string[]) => {
    commit(run.state, connect(run, host), (data) => {
      data.metadata = { clusters: {}, instances: {}, sets: {} };
      delete data.gaps;
    });
    return undefined;
  },
  "drop-schema": (run: Run, [host = ""]: readonly string[]) => {
    commit(run.state, connect(run, host), (data) => void delete data.metadata);
    return undefined;
  },
  "record-cluster": writing(
    ({ clusters, instances }, [id = "", name = "", groupName = "", host = "", account = "0"]) => {
      clusters[id] = { name, groupName, account: Number(account) };
      instances[uuidOf(host)] = { cluster: id, label: `${host}:3306`, host };
    },
  ),
  "forget-cluster": writing((metadata, [id = ""]) => {
    const setId = metadata.clusters[id]?.set;
    const set = setId === undefined ? undefined : metadata.sets[setId];
    if (set !== undefined) {
      set.number += 1;
      delete set.members[id];
    }
    delete metadata.clusters[id];
    for (const [uuid, { cluster }] of Object.entries(metadata.instances))
      if (cluster === id) delete metadata.instances[uuid];
  }),
  "record-set": writing((metadata, [setId = "", cluster = "", domain = ""]) => {
    metadata.sets[setId] = { domain, generation: 0, number: 1, members: { [cluster]: "PRIMARY" } };
    const record = metadata.clusters[cluster];
    if (record !== undefined) Object.assign(record, { set: setId, account: record.account + 1 });
  }),
  "record-replica": writing((metadata, [setId = "", cluster = ""]) => {
    const set = setIn(metadata, setId);
    set.number += 1;
    set.members[cluster] = "REPLICA";
    const record = metadata.clusters[cluster];
    if (record !== undefined) record.set = setId;
  }),
  "record-switchover": writing((metadata, [setId = "", cluster = ""]) => {
    const set = setIn(metadata, setId);
    set.number += 1;
    lead(set, cluster);
  }),
  "record-failover": writing((metadata, [setId = "", cluster = "", ...invalidated]) => {
    const set = setIn(metadata, setId);
    set.generation += 1;
    lead(set, cluster);
    for (const each of invalidated) delete set.members[each];
  }),
  "record-instance": writing(({ instances }, [cluster = "", host = "", label = ""]) => {
    instances[uuidOf(host)] = { cluster, label, host };
  }),
  "forget-instance": writing(({ instances }, [uuid = ""]) => void delete instances[uuid]),
  "record-label": writing(({ instances }, [uuid = "", label = ""]) => {
    const record = instances[uuid];
    if (record !== undefined) record.label = label;
  }),
  "renew-account": writing(({ clusters }, [id = ""]) => {
    const record = clusters[id];
    if (record !== undefined) record.account += 1;
  }),
} as const;

function lead(set: SetRecord, cluster: string): void {
  for (const id of Object.keys(set.members)) set.members[id] = id === cluster ? "PRIMARY" : "REPLICA";
}
