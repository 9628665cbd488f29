// The ports of one dispatch over the real things: the only place, with the entries, where adapters are put together.
import { connect } from "node:net";
import { hostname } from "node:os";
import { type Processes, realJobs, type Scope } from "../lib/index.ts";
import { newPassword } from "./credentials/generate.ts";
import { keyring } from "./credentials/keyring.ts";
import type { Meta } from "./generated/charm-meta.ts";
import { realFiles } from "./machine/files.ts";
import { snapd } from "./machine/snap.ts";
import { mysqlShell } from "./mysql/shell.ts";
import { mysqlSql } from "./mysql/sql.ts";
import type { Ports } from "./ports.ts";
import type { Config } from "./wire/config.ts";
import { hostSchema } from "./wire/names.ts";

export function realPorts(scope: Scope<Meta>, config: Config): Ports {
  const { model, log, processes } = scope;
  const files = realFiles();
  const sql = mysqlSql();
  const keys = keyring(model, sql);
  const { charmDir, unit } = model.context;
  return {
    model,
    log,
    config,
    files,
    sql,
    keyring: keys,
    newPassword,
    snap: snapd(processes, files, charmDir),
    shell: mysqlShell(processes, () => keys.adminPassword()),
    jobs: realJobs({
      directory: `${charmDir}/../jobs`,
      unit,
      charmDir,
      runner: [`${charmDir}/runtime/node`, `${charmDir}/dist/job.cjs`],
      processes,
    }),
    reachable,
    hostName: () => fullHostName(processes),
  };
}

const REACHABLE_TIMEOUT_MS = 3_000;

function reachable(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 3306, timeout: REACHABLE_TIMEOUT_MS });
    const answer = (value: boolean) => (): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", answer(true)).once("error", answer(false)).once("timeout", answer(false));
  });
}

/** The resolver's full name of this machine, or its plain name where that is none: it goes into configuration files. */
async function fullHostName(processes: Processes): Promise<string> {
  const result = await processes.run(["hostname", "--fqdn"], { timeoutMs: 10_000 }).catch(() => undefined);
  const name = result?.code === 0 ? result.stdout.trim() : "";
  return !hostSchema.safeParse(name).success || name.startsWith("localhost") ? hostname() : name;
}
