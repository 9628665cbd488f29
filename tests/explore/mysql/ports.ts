// The ports of one dispatch over the model, as src/real-ports.ts has them over the real things.
import type { Secret } from "../../../lib/index.ts";
import type { Shell } from "../../../src/mysql/ports.ts";
import type { Ports } from "../../../src/ports.ts";
import { machineJobs } from "./jobs.ts";
import { machineFiles, machineSnap, runningMachine } from "./machine.ts";
import { serverAt } from "./network.ts";
import { machineShell } from "./shell.ts";
import { machineSql } from "./sql.ts";
import type { MysqlState } from "./state.ts";
import type { Tap } from "./tap.ts";

export interface MachinePorts
  extends Pick<Ports, "files" | "snap" | "sql" | "jobs" | "reachable" | "hostName"> {
  /** Takes the password of clusteradmin, which only the keyring knows. */
  readonly shell: (password: () => Promise<Secret>) => Shell;
}

/** Changes the state in place. Throws where the machine is off. */
export function machinePorts(
  state: MysqlState,
  machine: { readonly host: string; readonly unit: string },
  tap: Tap,
): MachinePorts {
  const { host } = machine;
  const server = runningMachine(state, host);
  return {
    files: machineFiles(server, tap),
    snap: machineSnap(state, server, tap),
    sql: machineSql(state, host, tap),
    jobs: machineJobs(state, machine, tap),
    shell: (password) => machineShell(state, host, tap, password),
    reachable: async (address) => serverAt(state, host, address) !== undefined,
    hostName: async () => host,
  };
}
