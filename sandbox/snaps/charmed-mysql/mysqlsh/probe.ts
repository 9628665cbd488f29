// Looking at a cluster from outside: which of its members answer, and what they say of the group.
import { SqlError } from "./errors.ts";
import { type ClusterRecord, type InstanceRecord, membersOf, type Snapshot } from "./metadata/snapshot.ts";
import { hasQuorum, type Member, ownState, primaryOf, readGroup } from "./primitives/group.ts";
import type { Instance } from "./session.ts";
import type { Pool } from "./shell.ts";
import { type Availability, availabilityOf } from "./status/global.ts";

/** One member in the metadata, with what was found at its address. */
export interface MemberProbe {
  readonly record: InstanceRecord;
  /** undefined when it could not be reached */
  readonly instance: Instance | undefined;
  readonly error: SqlError | undefined;
  readonly group: readonly Member[];
  readonly state: string;
}

/** What was found of a cluster. */
export interface ClusterProbe {
  readonly cluster: ClusterRecord;
  readonly availability: Availability;
  readonly members: readonly MemberProbe[];
  /** the member that is PRIMARY of a group with quorum */
  readonly primary: Instance | undefined;
  /** the primary, or else any ONLINE member, or else any member that answers */
  readonly best: Instance | undefined;
}

/** Asks every member of a cluster at once. */
export async function probeCluster(
  pool: Pool,
  snapshot: Snapshot,
  cluster: ClusterRecord,
): Promise<ClusterProbe> {
  const members = await Promise.all(membersOf(snapshot, cluster).map((record) => probeMember(pool, record)));
  const availability = availabilityOf(
    members.map(({ instance, state, group, record }) => ({
      reachable: instance !== undefined,
      state,
      quorum: hasQuorum(group),
      primary: primaryOf(group)?.uuid === record.uuid,
    })),
  );
  const online = members.filter((member) => member.state === "ONLINE" && hasQuorum(member.group));
  const primary = online.find((member) => primaryOf(member.group)?.uuid === member.record.uuid)?.instance;
  const best = primary ?? online[0]?.instance ?? members.find((member) => member.instance)?.instance;
  return { cluster, availability, members, primary, best };
}

async function probeMember(pool: Pool, record: InstanceRecord): Promise<MemberProbe> {
  const unreachable = { record, instance: undefined, group: [], state: "(MISSING)" };
  const instance = await pool.attempt(record.address);
  if (instance instanceof SqlError) return { ...unreachable, error: instance };
  try {
    const group = await readGroup(instance);
    return { record, instance, error: undefined, group, state: ownState(group, instance.uuid) };
  } catch (error) {
    if (error instanceof SqlError) return { ...unreachable, error };
    throw error;
  }
}

/** Why the primary of a primary cluster cannot be had, in the AdminAPI's words; undefined when it can. */
export function missingPrimary(probe: ClusterProbe): string | undefined {
  switch (probe.availability) {
    case "ONLINE":
      return undefined;
    case "ONLINE_NO_PRIMARY":
      return "Could not connect to PRIMARY of Primary Cluster";
    case "NO_QUORUM":
      return "Could not connect to an ONLINE member of Primary Cluster within quorum";
    case "OFFLINE":
      return "All members of Primary Cluster are OFFLINE";
    case "SOME_UNREACHABLE":
      return "All reachable members of Primary Cluster are OFFLINE, but there are some unreachable members that could be ONLINE";
    case "UNREACHABLE":
      return "Could not connect to any ONLINE member of Primary Cluster";
  }
}
