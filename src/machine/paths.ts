// Where the charmed-mysql snap keeps its things; a path is spelt here only.

export const SNAP = "charmed-mysql";
export const SERVICE = `${SNAP}.mysqld`;

/** Of mysqld's administrative interface. */
export const ADMIN_PORT = 33_062;

const common = "/var/snap/charmed-mysql/common";
const confDir = "/var/snap/charmed-mysql/current/etc/mysql/mysql.conf.d";

export const paths = {
  common,
  /** Says that this charm, and no other, installed the snap. */
  marker: `${common}/installed_by_mysql_server_charm`,
  /** Present from before this charm installs the snap until that is marked. */
  installing: "/etc/mysql-charm/installing",
  dataDir: `${common}/var/lib/mysql`,
  socket: `${common}/var/run/mysqld/mysqld.sock`,
  errorLog: `${common}/var/log/mysql/error.log`,
  logDir: `${common}/var/log/mysql`,
  config: `${confDir}/z-custom-mysqld.cnf`,
  /** Present only while mysqld starts with the statements that set the system accounts. */
  initConfig: `${confDir}/z-init-accounts.cnf`,
  initStatements: `${common}/init-accounts.sql`,
  /** A link to the folder that is named as the installed revision. */
  snapRevision: "/snap/charmed-mysql/current",
  /** Not in logrotate.d: the distribution's daily run would rotate beside the hourly one. */
  rotationConfig: "/etc/mysql-charm/logrotate.conf",
  rotationState: "/etc/mysql-charm/logrotate.state",
  rotationTable: "/etc/cron.d/mysql-charm",
  hosts: "/etc/hosts",
  meminfo: "/proc/meminfo",
  mysqlsh: "/snap/bin/charmed-mysql.mysqlsh",
} as const;

/** The user that mysqld runs as. */
export const SNAP_USER = "snap_daemon";
