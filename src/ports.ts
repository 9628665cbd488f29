// Everything a domain may use, put together once per dispatch by charm.ts.
import type { Jobs, Log, Model, Secret } from "../lib/index.ts";
import type { Keyring } from "./credentials/keyring.ts";
import type { Meta } from "./generated/charm-meta.ts";
import type { Files, Snap } from "./machine/ports.ts";
import type { Shell, Sql } from "./mysql/ports.ts";
import type { Config } from "./wire/config.ts";

export interface Ports {
  readonly model: Model<Meta>;
  readonly log: Log;
  readonly config: Config;
  readonly files: Files;
  readonly snap: Snap;
  readonly sql: Sql;
  readonly shell: Shell;
  readonly jobs: Jobs;
  readonly keyring: Keyring;
  /** A password that nobody can guess. */
  readonly newPassword: () => Secret;
  /** Whether a TCP connection to MySQL's port on that host, name or address, is taken up within 3 s. */
  readonly reachable: (host: string) => Promise<boolean>;
  /** Fully qualified name of this machine. */
  readonly hostName: () => Promise<string>;
}
