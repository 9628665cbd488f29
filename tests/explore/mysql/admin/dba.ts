// The operations of `dba`: preparing a server, making a cluster, and starting one again after an outage.
import { coded, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { RULES, requireType } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/preconditions.ts";
import type { MysqlState, Plan } from "../state.ts";
import { plan, step } from "./plan.ts";
import { requireLocks } from "./rules.ts";
import { connect, type Run, silent, typeOfServer } from "./sight.ts";

export function configureInstance(run: Run): Plan {
  const server = connect(run, run.call.host);
  return plan([], [step("configure", server.host)]);
}

export function createCluster(run: Run): Plan {
  const session = connect(run, run.call.host);
  const [name = ""] = run.call.args;
  const type = typeOfServer(run.state, session);
  const prefix = `Dba.createCluster: Unable to create cluster. The instance '${session.host}:3306'`;
  if (type === "InnoDBCluster") throw runtime(`${prefix} already belongs to an InnoDB cluster.`);
  if (type === "StandaloneInMetadata") throw runtime(`${prefix} has a populated Metadata schema.`);
  if (type === "GroupReplication") throw runtime(`${prefix} is in a group without metadata.`);
  requireType(silent, type, RULES["dba.createCluster"].types);
  const locks = [`instance ${session.host}`];
  requireLocks(run, locks);
  const group = freshGroup(run.state, session.host);
  return plan(locks, [
    step("open", session.host),
    step("make-account", session.host),
    step("bootstrap", session.host, group),
    step("install-schema", session.host),
    step("record-cluster", session.host, clusterIdOf(group), name, group, session.host),
  ]);
}

export const clusterIdOf = (group: string): string => `cluster-of-${group}`;

/** A name that no server has a trace of. Made from what is there, so that a new try has no other name than the first. */
export function freshGroup(state: MysqlState, host: string): string {
  const known = JSON.stringify([Object.values(state.servers), Object.keys(state.groups)]);
  for (let number = 1; ; number += 1) {
    const name = `group-${number}-of-${host}`;
    if (!known.includes(`"${name}"`) && !known.includes(`"${name}-by-`)) return name;
  }
}

/** The cluster that its members' metadata names; throws where there is none of that name. */
export function requireOwnCluster(run: Run, name: string): string {
  const session = connect(run, run.call.host);
  requireType(silent, typeOfServer(run.state, session), RULES["dba.rebootClusterFromCompleteOutage"].types);
  const { metadata } = session.data;
  const own = metadata?.instances[session.uuid]?.cluster;
  if (own === undefined || metadata?.clusters[own]?.name !== name)
    throw coded(51101, `The cluster with the name '${name}' does not exist.`);
  return own;
}
