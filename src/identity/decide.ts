// What the leader settles once for the whole application: its passwords, its names, and which unit forms the cluster.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import { statuses } from "../statuses.ts";

export interface IdentityFacts {
  /** Before the unit's peer relation exists there is nowhere to write. */
  readonly peers: "present" | "absent";
  readonly leader: boolean;
  /** `unreadable`: Juju did not show the secret, or it lacks a field. New passwords would lock the charm out of its servers. */
  readonly passwords: "present" | "absent" | "unreadable";
  /** With the field that cannot be read: the other ones are still true, and must not be written over. */
  readonly names: "present" | "absent" | { readonly field: string; readonly reason: string };
}

export type IdentityStep = "create-passwords" | "name-cluster";

export const identityRows: readonly Row<IdentityFacts, IdentityStep>[] = [
  { name: "no peer relation yet", when: (f) => f.peers === "absent", then: () => wait() },
  {
    name: "names cannot be read",
    when: (f) => typeof f.names !== "string",
    then: ({ names }) =>
      typeof names === "string" ? wait() : stuck(statuses.damaged(names.field, names.reason)),
  },
  {
    name: "leader creates the passwords",
    when: (f) => f.leader && f.passwords === "absent",
    then: () => act("create-passwords"),
  },
  {
    name: "leader names the cluster",
    when: (f) => f.leader && f.names === "absent",
    then: () => act("name-cluster"),
  },
  {
    name: "no passwords yet",
    when: (f) => f.passwords !== "present",
    then: () => wait(statuses.passwordsAwaited),
  },
  { name: "no names yet", when: (f) => f.names === "absent", then: () => wait(statuses.namesAwaited) },
  { name: "identity is settled", when: () => true, then: () => settled() },
];

export function decideIdentity(facts: IdentityFacts): Decision<IdentityStep> {
  return decideBy(identityRows, facts);
}
