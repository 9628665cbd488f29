// Servers of the model that know each other's names, and MySQL Shell on them, without a charm.
import { Secret } from "../../../../lib/index.ts";
import { paths } from "../../../../src/machine/paths.ts";
import { commands } from "../../../../src/mysql/commands.ts";
import type { ShellCommand } from "../../../../src/mysql/ports.ts";
import { startServer } from "../machine.ts";
import { machinePorts } from "../ports.ts";
import { addMachine, emptyMysql, type MysqlState, serverOf } from "../state.ts";

/** The one password of all accounts. */
export const word = new Secret("word");
/** A tap that ends nothing. */
export const quiet = { before: () => undefined, after: () => undefined };

/** Prepared servers: two at each of these sites, each with its accounts. */
export function sites(...names: readonly string[]): MysqlState {
  const state = emptyMysql();
  const hosts = names.flatMap((site, at) =>
    [0, 1].map((unit) => ({ host: `${site}-${unit}`, address: `10.${at}.0.1${unit}`, site })),
  );
  const file = hosts.map(({ host, address }) => `${address} ${host} # Managed`).join("\n");
  for (const machine of hosts) {
    addMachine(state, machine);
    const server = serverOf(state, machine.host);
    server.snap = { revision: "159", version: "9.7.0" };
    server.files[paths.hosts] = file;
    server.enabled = true;
    for (const user of ["serverconfig", "clusteradmin"])
      server.data.passwords[user] = { current: word.reveal() };
    startServer(server);
    server.configured = true;
  }
  return state;
}

/** Runs a command through that host; resolves with its effects, rejects with MysqlProblem. */
export async function shell(
  state: MysqlState,
  host: string,
  command: ShellCommand,
): Promise<readonly string[]> {
  const effects: string[] = [];
  const tap = { ...quiet, before: (effect: string) => void effects.push(effect) };
  const ports = machinePorts(state, { host, unit: "unit" }, tap);
  await ports.shell(async () => word).run(host, command);
  return effects;
}

/** A cluster of a site's two servers, in a ClusterSet of its own. */
export async function cluster(state: MysqlState, site: string): Promise<void> {
  const [first, second] = [`${site}-0`, `${site}-1`];
  await shell(state, first, commands.createCluster(site));
  await shell(state, first, commands.setLabel(first, first));
  await shell(state, first, commands.createClusterSet("gaul"));
  await shell(state, first, commands.addInstance(second, second, "incremental"));
}
