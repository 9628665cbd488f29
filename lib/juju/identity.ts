// Names that Juju makes up: model uuids, secret ids, the hex of contexts and anonymous applications.
import { type ChanceState, drawBytes } from "./chance.ts";

/** A fresh model uuid. */
export function newModelUuid(chance?: ChanceState): string {
  const hex = drawBytes(chance, "model", 16).toString("hex");
  // Version 4, variant 1 (RFC 9562).
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

/** A fresh secret id: 20 characters of lower-case base 32, as xid makes them. */
export function newSecretId(chance?: ChanceState): string {
  const alphabet = "0123456789abcdefghijklmnopqrstuv";
  return Array.from(drawBytes(chance, "secret", 20), (byte) => alphabet[byte % 32]).join("");
}

/** Random lower-case hex digits, at most 64. */
export function newHex(digits: number, chance?: ChanceState): string {
  return drawBytes(chance, "hex", Math.ceil(digits / 2))
    .toString("hex")
    .slice(0, digits);
}
