// System accounts, and the secret fields that hold their passwords: the exact allow-list that two clusters share.
import type { Secret, SecretContent } from "../../lib/index.ts";

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

/** Text that every login plugin, environment and option file takes as it is; MySQL hashes no more than 256 bytes. */
function isPassword(text: string): boolean {
  return /^\P{Cc}+$/u.test(text) && text !== "None" && Buffer.byteLength(text) <= 256;
}

/**
 * Content of a secret → passwords. Other fields are ignored; `None` is how the Python charm marks a deleted one. What
 * cannot be a password is as good as missing.
 */
export function readPasswords(content: SecretContent): PasswordsRead {
  const found: Partial<Record<SystemUser, Secret>> = {};
  for (const user of systemUsers) {
    const value = content[passwordFields[user]];
    if (value === undefined || !isPassword(value.reveal())) {
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

const previousField = (user: SystemUser): string => `previous-${passwordFields[user]}`;

/**
 * The content with other passwords; of each one that changes the last one is kept beside it, for servers that were away
 * while it changed. With serverconfig's, which opens them, those of earlier changes go: no server can be opened any more
 * that takes them. The fields of the kept ones are ours alone, and never shared.
 */
export function replacePasswords(content: SecretContent, passwords: Passwords): SecretContent {
  const kept: Record<string, Secret> = {};
  for (const user of systemUsers) {
    const current = content[passwordFields[user]];
    if (current !== undefined && !current.equals(passwords[user])) kept[previousField(user)] = current;
  }
  const isOpener = kept[previousField("serverconfig")] !== undefined;
  const earlier = new Set(isOpener ? systemUsers.map(previousField) : []);
  const rest = Object.entries(content).filter(([field]) => !earlier.has(field));
  return { ...Object.fromEntries(rest), ...kept, ...passwordContent(passwords) };
}

/** The passwords before the last change of each; undefined when none ever changed. */
export function readPrevious(content: SecretContent): Passwords | undefined {
  const now = readPasswords(content);
  if (now.kind === "missing") return undefined;
  const kept = systemUsers.filter((user) => content[previousField(user)] !== undefined);
  if (kept.length === 0) return undefined;
  const before = kept.map((user) => [user, content[previousField(user)] ?? now.passwords[user]] as const);
  return { ...now.passwords, ...Object.fromEntries(before) };
}

export function samePasswords(a: Passwords, b: Passwords): boolean {
  return systemUsers.every((user) => a[user].equals(b[user]));
}
