// The sandbox's snap store: gets what the snaps need onto the host once, and what each machine is given of it.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { isPlainUser } from "../machine/hub.ts";
import { INSIDE_NODE, INSIDE_PROJECT, type MachineSpec } from "../machine/machine.ts";
import type { Bind } from "../machine/root.ts";
import { findTool } from "../machine/tools.ts";
import type { Progress } from "./cache.ts";
import { type MysqlServer, mysqlServer, presentServer } from "./charmed-mysql/server.ts";
import { templateOf } from "./charmed-mysql/template.ts";
import { type StoreFacts, storeFolder } from "./definition.ts";
import { STATE_FILE } from "./state.ts";

const PROGRAM = `${INSIDE_NODE} ${INSIDE_PROJECT}/sandbox/snaps/snap.ts`;
/** Verbs that change something wait for each other, as snapd's changes do. */
const SNAP = `#!/bin/sh
export NODE_COMPILE_CACHE=/var/cache/juju-sandbox
case "$1" in
install | refresh | remove | start | stop | restart | alias | unalias | set | unset)
    exec flock --close /run/snapd.lock ${PROGRAM} "$@" ;;
*) exec ${PROGRAM} "$@" ;;
esac
`;

/** Fetches and prepares what is not in the cache. Call it on the host: the hub has no way to the network. */
export async function prepareStore(progress: Progress): Promise<void> {
  const server = await mysqlServer(progress);
  await templateOf(server, progress);
}

/** What a machine's spec needs for the machine to have snaps. Throws unless prepareStore has been called. */
export async function storeOfMachine(): Promise<
  Required<Pick<MachineSpec, "binds" | "programs" | "onBoot">>
> {
  const server = await presentServer();
  if (server === undefined) throw new Error("the snap store is empty: call prepareStore on the host first");
  const template = await templateOf(server);
  const shell = hostShell();
  const store = storeFolder("charmed-mysql");
  return {
    binds: [
      { from: join(server.root, "usr"), to: join(store, "usr") },
      { from: template, to: join(store, "template") },
      ...(shell?.binds ?? []),
    ],
    programs: {
      "/usr/local/bin/snap": SNAP,
      [join(store, "facts.json")]: JSON.stringify(factsOf(server, shell?.program)),
    },
    onBoot: [["sh", "-c", `test ! -e ${STATE_FILE} || exec /usr/local/bin/snap boot`]],
  };
}

function factsOf(server: MysqlServer, mysqlsh: string | undefined): StoreFacts {
  const programs = mysqlsh === undefined ? {} : { mysqlsh };
  return { version: server.version, plainUser: isPlainUser(), programs };
}

/** A real MySQL Shell of the host; one outside /usr comes with the folder that its bin/ is in. */
function hostShell(): { readonly program: string; readonly binds: readonly Bind[] } | undefined {
  const found = findTool("mysqlsh");
  if (found === undefined) return undefined;
  const program = realpathSync(found);
  const prefix = dirname(dirname(program));
  if (prefix === "/usr") return { program, binds: [] };
  if (!existsSync(join(prefix, "lib/mysqlsh"))) return undefined;
  return { program: "/opt/mysql-shell/bin/mysqlsh", binds: [{ from: prefix, to: "/opt/mysql-shell" }] };
}
