// System accounts, and the secret fields that hold their passwords: the exact allow-list that two clusters share.
import { Secret, type SecretContent } from "../../lib/index.ts";

/** Account → field of the peer secret and of the secret shared with a replica cluster. */
export const passwordFields = {
  root: "root-password",
  serverconfig: "server-config-password",
  clusteradmin: "cluster-admin-password",
  monitoring: "monitoring-password",
  backups: "backups-password",
} as const;

export type SystemUser = keyof typeof passwordFields;
export const systemUsers = Object.keys(passwordFields) as readonly SystemUser[];

/** The password of every system account. */
export type Passwords = Readonly<Record<SystemUser, Secret>>;

export type PasswordsRead =
  | { readonly kind: "value"; readonly passwords: Passwords }
  | { readonly kind: "missing"; readonly field: string };

/** Content of a secret → passwords. Other fields are ignored; `None` is how the Python charm marks a deleted one. */
export function readPasswords(content: SecretContent): PasswordsRead {
  const found: Partial<Record<SystemUser, Secret>> = {};
  for (const user of systemUsers) {
    const value = content[passwordFields[user]];
    if (value === undefined || value.equals(new Secret("None")) || value.equals(new Secret(""))) {
      return { kind: "missing", field: passwordFields[user] };
    }
    found[user] = value;
  }
  return { kind: "value", passwords: found as Passwords };
}

/** Passwords → content of a secret with exactly the fields that both sides know. */
export function passwordContent(passwords: Passwords): SecretContent {
  return Object.fromEntries(systemUsers.map((user) => [passwordFields[user], passwords[user]]));
}

export function samePasswords(a: Passwords, b: Passwords): boolean {
  return systemUsers.every((user) => a[user].equals(b[user]));
}
