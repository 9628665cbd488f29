// When the old passwords stop to open the servers: once nobody uses them any more. Decided on the leader.
import { act, type Decision, decideBy, type Row, settled, wait } from "../../lib/index.ts";

export interface CredentialsFacts {
  /** Whether the servers take old passwords beside the new ones; `unknown` when they could not be asked. */
  readonly old: "kept" | "gone" | "unknown";
  /** Who changes them: this application, or the one whose standby it is. */
  readonly source: "own" | "primary-cluster";
  /** The newest passwords are in writing: what this very hook set could still be lost. */
  readonly committed: boolean;
  /** Units, applications of standbys, and clusters of the set without a relation, that may still use old passwords. */
  readonly awaited: readonly string[];
}

export type CredentialsStep = "discard-old-passwords";

export const credentialsRows: readonly Row<CredentialsFacts, CredentialsStep>[] = [
  {
    name: "passwords come from the primary cluster",
    when: (f) => f.source === "primary-cluster",
    then: () => settled(),
  },
  { name: "accounts could not be asked", when: (f) => f.old === "unknown", then: () => wait() },
  { name: "one password each", when: (f) => f.old === "gone", then: () => settled() },
  { name: "new passwords are not in writing", when: (f) => !f.committed, then: () => wait() },
  { name: "old passwords are in use", when: (f) => f.awaited.length > 0, then: () => wait() },
  { name: "old passwords are of no use", when: () => true, then: () => act("discard-old-passwords") },
];

export function decideCredentials(facts: CredentialsFacts): Decision<CredentialsStep> {
  return decideBy(credentialsRows, facts);
}
