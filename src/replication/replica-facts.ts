// What may be looked at on the way of this cluster into another application's ClusterSet, and the steps of that way.
import type { BagValue } from "../../lib/index.ts";
import type { PrimaryBag, ReplicaBag } from "../wire/replication.ts";

/** This application's cluster, as its own server says; `absent` is positively read: no metadata, no group. */
export type ReplicaCluster =
  | "unknown"
  | {
      readonly kind: "absent";
      readonly version: string;
    }
  /** A group without a cluster: what dissolved or formed it has not come to its end. */
  | {
      readonly kind: "remnant";
      readonly version: string;
      /** Its members' hosts. */
      readonly hosts: readonly string[];
    }
  | {
      readonly kind: "present";
      readonly name: string;
      readonly version: string;
      readonly setName: string | undefined;
      readonly role: "alone" | "primary" | "replica";
      readonly clusters: readonly string[];
      readonly onlineMembers: number;
    };

export interface ReplicaFacts {
  readonly remoteApp: string;
  readonly cluster: ReplicaCluster;
  readonly plannedMembers: number;
  /** What this application wrote. */
  readonly offered: ReplicaBag;
  /** Juju knows another address of this unit than the one at which it offers its instance. */
  readonly hasMoved: boolean;
  /** Juju has removed the unit that offered its instance. */
  readonly offererGone: boolean;
  readonly remote: BagValue<PrimaryBag>;
  /** Databases that are not MySQL's own. */
  readonly userDatabases: readonly string[];
  /**
   * Whose they are. `theirs`: the primary cluster has every transaction of this server, so nothing would be lost.
   * `unknown` when the databases could not be listed, or the primary cluster not be asked yet about those of a cluster
   * that was in a set before.
   */
  readonly userData: "none" | "theirs" | "own" | "unlisted" | "unknown";
  /** Whether other applications are, or want to be, standbys of this one. */
  readonly isFollowed: boolean;
  /** The passwords that the primary cluster shared. */
  readonly incoming: "none" | "not-granted" | "value" | { readonly missing: string };
  /** Whose passwords the local server takes. */
  readonly accounts: "own" | "theirs" | "unknown";
  /** Whether the application's own secret holds the shared passwords already. */
  readonly stored: boolean;
  /** Addresses of the primary cluster's units, and whether one of them takes connections to MySQL. */
  readonly site: { readonly addresses: readonly string[]; readonly reachable: boolean };
  /** `committed`: no unit of this application may form a cluster any more, and Juju has it in writing. */
  readonly seed: "held" | "releasing" | "committed";
  /** Another relation brought the two clusters into one set. */
  readonly isSecond: boolean;
  /** Name of the set as this application recorded it. */
  readonly recordedSetName: string;
}

export type ReplicaStep =
  | "record-set-name"
  | "report-user-data"
  | "withdraw-user-data"
  | "release-seed"
  | "adopt-accounts"
  | "store-passwords"
  | "follow-passwords"
  | "dissolve"
  | "end-group"
  | "publish-instance"
  | "publish-address";
