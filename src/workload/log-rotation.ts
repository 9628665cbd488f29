// Rotation of mysqld's logs: by logrotate and cron, without the charm. Pure text, and the files that hold it.
import { paths, SNAP_USER } from "../machine/paths.ts";
import type { Ports } from "../ports.ts";

const LOGS = ["error", "general", "slow"] as const;
/** Large enough for a day of ordinary logs: `maxage` is what removes them. */
const MOST_FILES = 10_000;
const AUTOMATIC_DAYS = 3;

/** One stanza for each log, as its archive has a folder of its own. */
export function rotationConfig(retention: string): string {
  const days = retention === "auto" ? AUTOMATIC_DAYS : Number(retention);
  return `# Managed by mysql charm\n${LOGS.map((log) => stanza(log, days)).join("")}`;
}

/** SIGUSR1 makes mysqld open these logs anew, without a login or a trace in the binary log (since MySQL 8.0.19). */
function stanza(log: string, days: number): string {
  return `${paths.logDir}/${log}.log {
    su ${SNAP_USER} root
    daily
    maxsize 50M
    rotate ${MOST_FILES}
    maxage ${days}
    dateext
    dateformat -%Y%m%d_%H%M
    olddir archive_${log}
    createolddir 0770 ${SNAP_USER} root
    missingok
    notifempty
    nocreate
    compress
    delaycompress
    postrotate
        kill -USR1 "$(cat ${paths.socket}.lock)"
    endscript
}
`;
}

/** Every hour, for logs that grow fast; the other times logrotate finds nothing to do. */
export const rotationTable = `# Managed by mysql charm
17 * * * * root test ! -x /usr/sbin/logrotate || /usr/sbin/logrotate --state ${paths.rotationState} ${paths.rotationConfig}
`;

/** A function of the options: what is the same already is not written again. */
export async function keepLogRotation({ files, config }: Ports): Promise<void> {
  const wanted = [
    [paths.rotationConfig, rotationConfig(config["logs-retention-period"])],
    [paths.rotationTable, rotationTable],
  ] as const;
  for (const [path, text] of wanted) {
    if ((await files.read(path)) !== text) await files.write(path, text);
  }
}
