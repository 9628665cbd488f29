// What the charm asks of MySQL: sessions over SQL for reading, MySQL Shell for changing clusters.
import type * as z from "zod";
import type { JobSpec, Secret } from "../../lib/index.ts";

/** Where a session goes: the machine's own server by its socket or its administrative port, or a member of any cluster by host name. */
export type Target = { readonly socket: string } | { readonly adminPort: number } | { readonly host: string };

/** One login of an account. */
export interface Login {
  readonly user: string;
  readonly password: Secret;
}

/** An open connection. Rows are checked by a schema; values are bound, never written into the text. */
export interface Session extends AsyncDisposable {
  /** Runs a statement that answers rows. Throws MysqlProblem. */
  rows<T>(schema: z.ZodType<T>, text: string, values?: readonly (string | number)[]): Promise<readonly T[]>;
  /** Runs a statement without result. Throws MysqlProblem. */
  run(text: string, values?: readonly (string | number)[]): Promise<void>;
}

export interface Sql {
  /** Connects within 5 s. Throws MysqlProblem: `unreachable`, `denied`, … */
  connect(target: Target, login: Login): Promise<Session>;
  /** Makes strings literals, for statements that cannot bind (account statements). */
  quoting(): Promise<(value: string) => string>;
}

/** One AdminAPI command as an argument list: `mysqlsh … -- <object> <operation> <args> --<option>=<value>`. */
export interface ShellCommand {
  readonly object: "dba" | "cluster" | "clusterset";
  readonly operation: string;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** Seconds after which the run is ended. */
  readonly deadlineSeconds: number;
}

export interface Shell {
  /** Runs a command through a session to `host`; resolves when AdminAPI reports success. Throws MysqlProblem. */
  run(host: string, command: ShellCommand): Promise<void>;
  /** The same command as a job for work that can take longer than a minute. */
  job(name: string, host: string, command: ShellCommand, label: string): Promise<JobSpec>;
}
