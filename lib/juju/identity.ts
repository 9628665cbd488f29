// Names that Juju makes up: model uuids, secret ids, the hex of contexts and anonymous applications.
import { randomBytes, randomUUID } from "node:crypto";

/** A fresh model uuid. */
export function newModelUuid(): string {
  return randomUUID();
}

/** A fresh secret id: 20 characters of lower-case base 32, as xid makes them. */
export function newSecretId(): string {
  const alphabet = "0123456789abcdefghijklmnopqrstuv";
  return Array.from(randomBytes(20), (byte) => alphabet[byte % 32]).join("");
}

/** Random lower-case hex digits. */
export function newHex(digits: number): string {
  return randomBytes(Math.ceil(digits / 2))
    .toString("hex")
    .slice(0, digits);
}
