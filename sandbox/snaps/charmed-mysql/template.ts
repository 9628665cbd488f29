// A data directory that is initialised once per server version and copied for each install.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../machine/run.ts";
import { cacheFolder, makeOnce, type Progress } from "../cache.ts";
import { type MysqlServer, serverCommand, serverOptions } from "./server.ts";

/** What belongs to one server only and is made anew at its first start. */
const OWN = /^(auto\.cnf|.*\.pem|.*\.err)$/;

/**
 * The folder of a fresh data directory for this server. Its root account has a random password that is written nowhere:
 * whoever wants to be root sets one through an init file.
 */
export async function templateOf(server: MysqlServer, progress: Progress = () => {}): Promise<string> {
  const folder = join(cacheFolder(), `mysql-data-${server.version}-${process.arch}`);
  await makeOnce(folder, async (empty) => {
    progress(`initialising a data directory for MySQL ${server.version}`);
    const data = join(empty, "data");
    await mkdir(data, { mode: 0o750 });
    await run([
      ...serverCommand(server.root, "mysqld"),
      ...["--no-defaults", "--initialize", `--datadir=${data}`, ...serverOptions(server.root)],
      ...["--innodb-redo-log-capacity=8M", "--innodb-doublewrite=OFF", "--innodb-buffer-pool-size=32M"],
      ...(process.geteuid?.() === 0 ? ["--user=root"] : []),
    ]);
    for (const name of await readdir(data)) if (OWN.test(name)) await rm(join(data, name));
  });
  return join(folder, "data");
}
