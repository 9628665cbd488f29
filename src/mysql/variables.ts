// System variables of a running server: what it runs with, compared with what it should, and changed.
import * as z from "zod";
import { flag } from "./columns.ts";
import type { Session } from "./ports.ts";

const variableRow = z.object({
  name: z.string(),
  value: z.string(),
  persisted: flag,
});

export interface Variable {
  readonly value: string;
  /** An operator gave it a value with SET PERSIST, which goes before every configuration file. */
  readonly persisted: boolean;
}

/** The variables of these names that the server has. */
export async function readVariables(
  session: Session,
  names: readonly string[],
): Promise<ReadonlyMap<string, Variable>> {
  const rows = await session.rows(
    variableRow,
    `SELECT g.variable_name AS name, g.variable_value AS value, p.variable_name IS NOT NULL AS persisted
      FROM performance_schema.global_variables g
      LEFT JOIN performance_schema.persisted_variables p ON p.variable_name = g.variable_name
      WHERE g.variable_name IN (${names.map(() => "?").join(", ")})`,
    names,
  );
  return new Map(rows.map(({ name, ...variable }) => [name, variable]));
}

const POOL = "innodb_buffer_pool_size";
const CHUNK = "innodb_buffer_pool_chunk_size";
const INSTANCES = "innodb_buffer_pool_instances";
/** What else has to be read to compare the pool's size. */
export const poolGeometry = [CHUNK, INSTANCES] as const;

/** Names of the settings that a server does not run with. What it does not have, or an operator persisted, is left out. */
export function differences(
  wanted: Readonly<Record<string, string>>,
  running: ReadonlyMap<string, Variable>,
): readonly string[] {
  return Object.keys(wanted).filter((name) => {
    const variable = running.get(name);
    if (variable === undefined || variable.persisted) return false;
    const value = wanted[name] ?? "";
    return variable.value !== (name === POOL ? poolSize(value, running) : value);
  });
}

/** mysqld rounds the pool up to whole chunks in every instance. */
function poolSize(wanted: string, running: ReadonlyMap<string, Variable>): string {
  const step = Number(running.get(CHUNK)?.value ?? 1) * Number(running.get(INSTANCES)?.value ?? 1);
  return String(Math.ceil(Number(wanted) / step) * step);
}

/** Sets dynamic variables until the next start, at which the configuration file gives the same values. Numbers only. */
export async function setVariables(
  session: Session,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    if (!/^[a-z_]+$/.test(name)) throw new Error(`${name} is no name of a system variable`);
    await session.run(`SET GLOBAL ${name} = ?`, [Number(value)]);
  }
}
