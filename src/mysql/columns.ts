// What the columns of a server's answer may hold. Servers of other applications answer, too: what they say becomes arguments, names and statuses.
import * as z from "zod";
import { MysqlProblem } from "../problems.ts";

/** 0 or 1; mysql2 gives wide integers as text. */
export const flag = z
  .literal([0, 1, "0", "1"], "must be 0 or 1")
  .transform((value) => value === 1 || value === "1");

export const count = z
  .union([z.int(), z.string().regex(/^-?\d{1,15}$/)], "must be a whole number")
  .transform(Number);

/** Of a server, a group, a cluster or a set; empty where a server is in no group. */
export const identifier = z.string().regex(/^[A-Za-z0-9-]{0,64}$/, "must be an identifier");

/** AdminAPI's rule for clusters and sets, with the underscore that some of its versions let them begin with. */
export const clusterName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/, "must be a cluster's name");

/** AdminAPI's rule; without one of its own a member is labelled with its address. */
export const label = z.string().regex(/^[A-Za-z0-9_[][A-Za-z0-9_.:[\]-]{0,255}$/, "must be a label");

/** What a server reports as its name or address; empty where it is in no group. */
export const memberHost = z
  .string()
  .regex(/^(?:[A-Za-z0-9][A-Za-z0-9_.:-]{0,254})?$/, "must be a host name or an address");

/** A member's host with its port. */
export const memberAddress = z
  .string()
  .regex(/^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,254}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5}$/, "must be <host>:<port>");

/** What VERSION() answers; empty where a server is in no group. */
export const version = z.string().regex(/^(?:\d[-+~.\w]{0,99})?$/, "must be a version");

/** Sets of transactions, in any spelling that MySQL has. */
export const gtidSet = z.string().regex(/^[\w,:\s-]*$/, "must be a set of transactions");

/** Checks rows by a schema. Throws MysqlProblem, which names the column and never its value. */
export function checkRows<T>(
  schema: z.ZodType<T>,
  rows: readonly unknown[],
  operation: string,
): readonly T[] {
  return rows.map((row) => {
    const read = schema.safeParse(row);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const column = String(issue?.path[0] ?? "a row");
    throw new MysqlProblem(
      "failed",
      operation,
      `in its answer ${column} ${issue?.message ?? "is not right"}`,
    );
  });
}

/** The row of a statement that always answers one. */
export function onlyRow<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new MysqlProblem("failed", "A statement that answers one row", "none came");
  return row;
}
