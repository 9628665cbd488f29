// New passwords.
import { randomInt } from "node:crypto";
import { Secret } from "../../lib/index.ts";
import { type Passwords, systemUsers } from "../wire/credentials.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 24;

/** A password of 24 letters and digits from the system's random numbers. */
export function newPassword(): Secret {
  return new Secret(Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(""));
}

/** One for each system user. */
export function newPasswords(make: () => Secret = newPassword): Passwords {
  return Object.fromEntries(systemUsers.map((user) => [user, make()])) as Passwords;
}
