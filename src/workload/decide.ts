// Brings one machine from nothing to a MySQL server that is ready for InnoDB Cluster.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import type { Trouble } from "../mysql/error-log.ts";
import { statuses, troubleStatus } from "../statuses.ts";

export interface WorkloadFacts {
  readonly storage: "mounted" | "missing";
  readonly snap: "absent" | "foreign" | "installed";
  readonly identity: "known" | "awaited";
  /** The charm's configuration file compared with what it should be. */
  readonly config: "missing" | "different" | "same";
  /** Left by a start that was cut short: mysqld would set the accounts again at every start. */
  readonly initFile: "present" | "absent";
  /** Of the service; `unknown` where it was not asked because the server answers. */
  readonly service: "active" | "inactive" | "unknown";
  /** What the error log says of a server that does not answer. */
  readonly trouble: Trouble | undefined;
  /** Revision of the snap, looked at where the server does not answer. */
  readonly revision: "pinned" | "other" | "unknown";
  /** Answer of the server to the charm's own login over the socket. */
  readonly login: "ok" | "denied" | "unreachable";
  /** Juju has it in writing that this server once took the application's passwords: they are not the ones that were lost. */
  readonly accepted: boolean;
  /** What `dba configure-instance` leaves behind is there. */
  readonly configured: "yes" | "no" | "unknown";
  /** What the server runs with, compared with what it can take over while it runs. */
  readonly settings: "same" | "different" | "unknown";
}

export type WorkloadStep =
  | "install-snap"
  | "write-config"
  | "make-accounts"
  | "remove-init-file"
  | "start-server"
  | "configure-instance"
  | "change-revision"
  | "apply-settings";

/** The row at which mysqld may be starting, after a reboot for one: nobody tells the charm when it answers. */
export const SERVER_SILENT = "server does not answer";

export const workloadRows: readonly Row<WorkloadFacts, WorkloadStep>[] = [
  {
    name: "storage is not mounted",
    when: (f) => f.storage === "missing",
    then: () => wait(statuses.storageMissing),
  },
  {
    name: "snap belongs to another",
    when: (f) => f.snap === "foreign",
    then: () => stuck(statuses.foreignSnap),
  },
  {
    name: "snap is not installed",
    when: (f) => f.snap === "absent",
    then: () => act("install-snap", statuses.installing),
  },
  { name: "identity is not known", when: (f) => f.identity === "awaited", then: () => wait() },
  {
    name: "server runs, init file is left",
    when: (f) => f.initFile === "present" && f.login === "ok",
    then: () => act("remove-init-file"),
  },
  {
    name: "config file differs",
    when: (f) => f.config !== "same" && f.config !== "missing",
    then: () => act("write-config"),
  },
  {
    name: "server was never set up",
    when: (f) => f.config === "missing",
    then: () => act("make-accounts", statuses.startingServer),
  },
  {
    name: "server was set up half",
    when: (f) => f.initFile === "present" && f.login !== "ok",
    then: () => act("make-accounts", statuses.startingServer),
  },
  {
    name: "passwords of the set-up were lost",
    when: (f) => f.login === "denied" && !f.accepted,
    then: () => act("make-accounts", statuses.startingServer),
  },
  // A restart of a member and accounts that only it has: nothing to do unasked to a server that was in service.
  {
    name: "server refuses the charm",
    when: (f) => f.login === "denied",
    then: () => stuck(statuses.lockedOut),
  },
  // It takes down nothing that is up: the others need not be waited for.
  {
    name: "server does not run, and its snap is another",
    when: (f) =>
      f.login === "unreachable" &&
      f.revision === "other" &&
      (f.service === "inactive" || f.trouble !== undefined),
    then: () => act("change-revision", statuses.refreshing),
  },
  {
    name: "server is stopped",
    when: (f) => f.login === "unreachable" && f.service === "inactive",
    then: () => act("start-server", statuses.startingServer),
  },
  {
    name: "server does not answer, and says why",
    when: (f) => f.login === "unreachable" && f.trouble !== undefined,
    then: (f) => (f.trouble === undefined ? wait() : stuck(troubleStatus(f.trouble))),
  },
  {
    name: SERVER_SILENT,
    when: (f) => f.login === "unreachable",
    then: () => wait(statuses.serverDown),
  },
  {
    name: "server is not prepared",
    when: (f) => f.configured === "no",
    then: () => act("configure-instance", statuses.configuring),
  },
  {
    name: "server could not be read",
    when: (f) => f.configured === "unknown" || f.settings === "unknown",
    then: () => wait(statuses.unknown),
  },
  { name: "settings differ", when: (f) => f.settings === "different", then: () => act("apply-settings") },
  { name: "server is ready", when: () => true, then: () => settled() },
];

export function decideWorkload(facts: WorkloadFacts): Decision<WorkloadStep> {
  return decideBy(workloadRows, facts);
}
