// Relation data by schema: what another unit or application wrote is hostile until a schema has accepted it.

import type * as z from "zod";
import { oneLine } from "./plain-text.ts";

export type Bag = Readonly<Record<string, string>>;

/** What a bag holds for a schema: a value, nothing (yet), or something that the schema refuses. */
export type BagValue<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly field: string; readonly reason: string };

const longestReason = 160;
const shortestQuoted = 4;

/**
 * Reads a bag by a schema of an object. An empty string counts as absent and keys that the schema does not
 * know are ignored. A bag is `absent` while it has none of the schema's keys, or only lacks required ones;
 * a key that is there but wrong makes it `invalid`. The reason never repeats the value.
 */
export function readBag<T>(schema: z.ZodType<T>, raw: Bag): BagValue<T> {
  const known = schemaKeys(schema);
  const present = Object.fromEntries(
    Object.entries(raw).filter(([key, value]) => value !== "" && (known === undefined || known.has(key))),
  );
  if (Object.keys(present).length === 0) return { kind: "absent" };
  const result = schema.safeParse(present);
  if (result.success) return { kind: "value", value: result.data };
  const wrong = result.error.issues.find(
    ({ path }) => path[0] === undefined || Object.hasOwn(present, String(path[0])),
  );
  if (wrong === undefined) return { kind: "absent" };
  const field = String(wrong.path[0] ?? "");
  return { kind: "invalid", field, reason: tellReason(wrong.message, Object.values(present)) };
}

/**
 * A value as the schema writes it, for {@link readBag} to read: every key of the schema, `""` for what the value
 * leaves out. Throws, with the field's name, for a value that the schema refuses or that is not written as text.
 */
export function toBag<T>(schema: z.ZodType<T>, value: T): Record<string, string> {
  const encoded = schema.safeEncode(value);
  if (!encoded.success) {
    const [issue] = encoded.error.issues;
    throw new Error(
      `bag key ${String(issue?.path[0] ?? "")}: ${issue?.message ?? "is not as the schema says"}`,
    );
  }
  const bag = new Map([...(schemaKeys(schema) ?? [])].map((key) => [key, ""]));
  for (const [key, text] of Object.entries({ ...(encoded.data as object) })) {
    if (text === undefined) continue;
    if (typeof text !== "string")
      throw new Error(`bag key ${key}: is written as ${typeof text}, not as text`);
    bag.set(key, text);
  }
  return Object.fromEntries(bag);
}

/** What must be written so that the bag holds what is wanted: changed keys only, `""` for one to delete. */
export function diffBag(
  before: Bag,
  wanted: Readonly<Partial<Record<string, string>>>,
): Record<string, string> {
  const changes: [string, string][] = [];
  for (const [key, value] of Object.entries(wanted)) {
    const current = Object.hasOwn(before, key) ? before[key] : "";
    if (value !== undefined && value !== current) changes.push([key, value]);
  }
  return Object.fromEntries(changes);
}

/** The bag after such a write. */
export function applyBag(before: Bag, changes: Bag): Record<string, string> {
  const merged = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(changes)) {
    if (value === "") merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Keys of an object schema, also within a transformation; undefined when the schema is something else. */
function schemaKeys(schema: unknown): ReadonlySet<string> | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  if ("shape" in schema && typeof schema.shape === "object" && schema.shape !== null) {
    return new Set(Object.keys(schema.shape));
  }
  return "in" in schema ? schemaKeys(schema.in) : undefined;
}

function tellReason(message: string, values: readonly string[]): string {
  let reason = message;
  for (const value of values) {
    if (value.length >= shortestQuoted) reason = reason.replaceAll(value, "[value]");
  }
  return oneLine(reason, longestReason);
}
