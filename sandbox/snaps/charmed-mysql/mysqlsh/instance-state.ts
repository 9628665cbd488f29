// What a server is to the AdminAPI: standalone, a member of a cluster, of a ClusterSet, or a leftover of one.
import { isSqlError, runtime } from "./errors.ts";
import { clusterOf, readSnapshot, type Snapshot } from "./metadata/snapshot.ts";
import { isActive, type Member, readGroup } from "./primitives/group.ts";
import type { Instance } from "./session.ts";

export type InstanceType =
  | "Standalone"
  | "StandaloneWithMetadata"
  | "StandaloneInMetadata"
  | "GroupReplication"
  | "InnoDBCluster"
  | "InnoDBClusterSet"
  | "InnoDBClusterSetOffline";

/** A server's own view of itself. */
export interface InstanceState {
  readonly type: InstanceType;
  readonly snapshot: Snapshot | undefined;
  readonly group: readonly Member[];
}

/** The facts that the type follows from. */
export interface TypeFacts {
  readonly hasMetadata: boolean;
  readonly inMetadata: boolean;
  readonly inSet: boolean;
  readonly active: boolean;
}

/** The type of a server, from facts. */
export function typeOf({ hasMetadata, inMetadata, inSet, active }: TypeFacts): InstanceType {
  if (!hasMetadata) return active ? "GroupReplication" : "Standalone";
  if (!inMetadata) return active ? "GroupReplication" : "StandaloneWithMetadata";
  if (inSet) return active ? "InnoDBClusterSet" : "InnoDBClusterSetOffline";
  return active ? "InnoDBCluster" : "StandaloneInMetadata";
}

/** Looks at a server. Throws RuntimeError when the account may not look. */
export async function readState(instance: Instance): Promise<InstanceState> {
  try {
    const group = await readGroup(instance);
    const snapshot = await readSnapshot(instance);
    const cluster = snapshot && clusterOf(snapshot, instance.uuid);
    const type = typeOf({
      hasMetadata: snapshot !== undefined,
      inMetadata: cluster !== undefined,
      inSet: cluster?.setId !== undefined,
      active: isActive(group, instance.uuid),
    });
    return { type, snapshot, group };
  } catch (error) {
    // 1044, 1142, 1143: access denied to a schema, table or column; 1227: a privilege is missing
    if (isSqlError(error, 1044, 1142, 1143, 1227))
      throw runtime(
        `Unable to detect state for instance '${instance.address}'. Please check account privileges.`,
      );
    throw error;
  }
}
