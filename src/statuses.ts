// Every status that an operator can see. Where a person must act, the text names what to do. `juju status` shows 120
// characters of it.
import type { Status } from "../lib/index.ts";
import type { Trouble, TroubleKind } from "./mysql/error-log.ts";

const active = (message: string): Status => ({ kind: "active", message });
const waiting = (message: string): Status => ({ kind: "waiting", message });
const maintenance = (message: string): Status => ({ kind: "maintenance", message });
const blocked = (message: string): Status => ({ kind: "blocked", message });

/** Sites are named by the application as this model knows it. */
export const statuses = {
  invalidOption: (app: string, option: string, reason: string) =>
    blocked(`Option ${option} ${reason}: juju config ${app} ${option}=…`),

  installing: maintenance("Installing the charmed-mysql snap"),
  installFailed: (reason: string) => maintenance(`Installing charmed-mysql failed, trying again: ${reason}`),
  storageMissing: waiting("Waiting for the storage database to be mounted"),
  foreignSnap: blocked(
    "charmed-mysql was installed by something else on this machine; deploy to a machine without it",
  ),
  passwordsAwaited: waiting("Waiting for the leader to create the system passwords"),
  namesAwaited: waiting("Waiting for the leader to name the cluster"),
  damaged: (field: string, reason: string) =>
    blocked(
      `This application's own record is damaged: ${field} ${reason}; mend it: juju exec -u <app>/leader -- relation-set --app -r <database-peers:id> ${field}=…`,
    ),
  startAwaited: waiting("Waiting to start MySQL"),
  startingServer: maintenance("Starting MySQL"),
  serverDown: maintenance(
    "MySQL does not answer; see /var/snap/charmed-mysql/common/var/log/mysql/error.log",
  ),
  badSetting: (option: string) =>
    blocked(
      `MySQL does not start: it refuses the option ${option}; mend the file in mysql.conf.d that sets it`,
    ),
  portTaken: blocked(
    "MySQL does not start: another program has one of the ports 3306, 33060 and 33062; end that program",
  ),
  noSpace: blocked("MySQL does not go on: the storage database is full; free or add space"),
  notItsFiles: blocked(
    "MySQL does not start: some files are not its own; run chown -R snap_daemon /var/snap/charmed-mysql/common",
  ),
  noMemory: blocked(
    "MySQL does not start: too little memory for its buffers; set a lower profile-limit-memory",
  ),
  noAsyncIo: blocked(
    "MySQL does not start: its host has no asynchronous I/O left; run there: sysctl -w fs.aio-max-nr=1048576",
  ),
  dataLocked: blocked("MySQL does not start: another mysqld has the data directory open; end that one"),
  dataIsNewer: blocked(
    "MySQL does not start: its version is older than its data; juju refresh <app> to a newer revision",
  ),
  diskFull: (megabytes: number) =>
    blocked(`The storage database has ${megabytes} MB left: free or add space, before writes stop`),
  lockedOut: blocked(
    "MySQL refuses the charm: give serverconfig and clusteradmin the passwords that get-password shows, by ALTER USER",
  ),
  handingOver: maintenance("Handing the primary role over before MySQL is restarted"),
  restarting: maintenance("Restarting MySQL for changed settings"),
  refreshing: maintenance("Changing the charmed-mysql snap to this charm's revision"),
  restartAwaitsJob: waiting("Waiting to restart MySQL until the job of this unit ends"),
  restartAwaitsMembers: (members: string) =>
    waiting(`Waiting to restart MySQL until ${members} are online; see get-cluster-status`),
  restartAfter: (units: string) => waiting(`Waiting to restart MySQL after ${units}`),
  olderThanData: (server: string, data: string) =>
    blocked(
      `MySQL ${server} of this charm cannot open data of ${data}: juju refresh <app> to a newer revision`,
    ),
  noAddress: blocked(
    "Juju knows no IPv4 address of this machine: juju bind <app> database-peers=<a space that has them>",
  ),
  configuring: maintenance("Preparing MySQL for InnoDB Cluster"),
  operationFailed: (what: string) =>
    maintenance(`${what.replace(/\.$/, "")}; trying again at the next update-status`),

  creatingCluster: (name: string) => maintenance(`Creating cluster ${name}`),
  creatingSet: (name: string) => maintenance(`Creating ClusterSet ${name}`),
  labelling: maintenance("Labelling this member in the cluster"),
  firstMemberAwaited: waiting("Waiting for the first member of the cluster"),
  hostsAwaited: (units: string) => waiting(`Waiting for ${units} to learn the addresses of this side`),
  clusterFull: waiting("Standing by: the cluster has 9 members, the most it can have"),
  joining: (progress: string) =>
    maintenance(progress === "" ? "Joining the cluster" : `Joining the cluster: ${progress}`),
  queued: (units: string) => waiting(`Waiting for ${units} to join first`),
  clusterBusy: waiting("Waiting for another cluster operation to end"),
  recovering: maintenance("Catching up with the cluster"),
  memberOffline: (state: string) => maintenance(`This member is ${state} in its group`),
  comingBack: maintenance("Waiting for MySQL to come back into its group"),
  makingWritable: maintenance("Making the primary take writes again"),
  noQuorum: (unit: string) =>
    blocked(
      `No quorum, no writes: bring members back, or if lost: run ${unit} promote-to-primary scope=unit force=true`,
    ),
  keptOut: blocked(
    "Kept out of its group by hand: SET PERSIST group_replication_start_on_boot=ON and SET GLOBAL offline_mode=OFF",
  ),
  diverged: blocked(
    "This server has transactions that the cluster lacks: save what is needed, then replace this unit by a new one",
  ),
  foreignCluster: (name: string) =>
    blocked(
      `The storage holds cluster ${name}: remove this unit, or deploy an application with cluster-name=${name}`,
    ),
  outageAwaits: (members: string, unit: string) =>
    blocked(
      `All members are down; waiting for ${members}. If lost for good: run ${unit} promote-to-primary scope=unit force=true`,
    ),
  outageDiverged: blocked(
    "All are down, each has what others lack: run promote-to-primary scope=unit force=true on the unit to keep",
  ),
  outageSuperseded: (clusters: string, unit: string) =>
    blocked(
      `All are down; silent ${clusters} may lead by now. If it does not: run ${unit} promote-to-primary scope=unit force=true`,
    ),
  restartingCluster: (progress: string) =>
    maintenance(progress === "" ? "Starting the cluster again" : `Starting the cluster again: ${progress}`),
  restoringQuorum: maintenance("Going on without the members that are out of the group or were removed"),
  leaving: maintenance("Leaving the cluster"),
  removingMember: (hosts: string) => maintenance(`Taking ${hosts} out of the cluster`),
  unknown: maintenance("The state of MySQL could not be read; asking again at the next update-status"),

  primary: active("Primary"),
  secondary: active(""),
  standbyPrimary: (lagSeconds: number) => active(`Standby, ${lagSeconds} s behind`),
  standbyConnecting: maintenance("Standby, connecting to the primary cluster"),
  standbyNotReplicating: (channel: string, clusterName: string) =>
    blocked(
      `Standby, replication is ${channel}; run on the primary cluster: rejoin-cluster cluster-name=${clusterName}`,
    ),
  standbySecondary: active("Standby"),
  appPrimary: active(""),
  appStandby: (setName: string) => active(`Standby cluster of ${setName}`),
  fencing: maintenance("Stopping writes: another cluster was made the primary of the ClusterSet"),
  fenced: active("Primary (writes are fenced; resume with unfence-writes)"),
  switchoverCutOff: (setName: string) =>
    blocked(
      `Switchover was cut off. To finish it, on the leader: promote-standby-cluster cluster-set-name=${setName}`,
    ),
  invalidated: (clusterName: string) =>
    blocked(`Invalidated by a failover; run on the healthy side: rejoin-cluster cluster-name=${clusterName}`),
  invalidatedAlone: (clusterName: string) =>
    blocked(
      `Invalidated by a failover; healthy side: rejoin-cluster cluster-name=${clusterName}; if lost: remove the relation`,
    ),

  settingUp: maintenance("Sharing the credentials with the standby cluster"),
  addingReplica: (name: string, progress: string) =>
    maintenance(progress === "" ? `Adding cluster ${name}` : `Adding cluster ${name}: ${progress}`),
  undoingAddition: (name: string) =>
    maintenance(`Taking back what an addition of cluster ${name} left when it was cut short`),
  instanceInUse: (remoteApp: string, name: string) =>
    blocked(
      `Cannot add ${name}: its server has a cluster or data of its own; remove the relation with ${remoteApp}, relate again`,
    ),
  addingQueued: (name: string) => waiting(`Waiting to add cluster ${name}: another one is being added`),
  standbyAwaited: (remoteApp: string) => waiting(`Waiting for ${remoteApp} to offer its instance`),
  removedStandby: (remoteApp: string, name: string) =>
    blocked(
      `Cluster ${name} was removed: to add it, remove the relation with ${remoteApp}, and relate again`,
    ),
  standbyLost: (remoteApp: string, name: string) =>
    blocked(`No unit of cluster ${name} is left: remove the relation with ${remoteApp}, then relate again`),
  removingReplica: (name: string) => maintenance(`Removing cluster ${name} from the ClusterSet`),
  removalFenced: (name: string, setName: string) =>
    blocked(`Cluster ${name} leaves once writes are resumed: run unfence-writes cluster-set-name=${setName}`),
  standbyCannotLead: (remoteApp: string) =>
    blocked(
      `A standby cannot have a standby: remove the relation with ${remoteApp}, or relate it to the primary cluster`,
    ),

  primaryAwaited: (remoteApp: string) => waiting(`Waiting for ${remoteApp} to share its credentials`),
  grantAwaited: (remoteApp: string) => waiting(`Waiting for ${remoteApp} to grant its secret`),
  membersAwaited: (online: number, planned: number) =>
    waiting(`Waiting for all members: ${online} of ${planned} are online`),
  preparing: maintenance("Preparing to become a standby cluster"),
  adoptingCredentials: maintenance("Taking over the credentials of the primary cluster"),
  dissolving: (name: string) => maintenance(`Dissolving cluster ${name} to become a standby`),
  receivingData: waiting("Waiting for MySQL to take over the data of the primary cluster"),
  setAwaited: waiting("Waiting for the primary cluster to add this cluster to its ClusterSet"),
  additionAwaited: (remoteApp: string) =>
    waiting(`Waiting for ${remoteApp} to add this cluster to its ClusterSet`),
  userData: (databases: readonly string[]) =>
    blocked(
      `Databases would be overwritten: ${databases.slice(0, 5).join(", ")}; drop them, or remove the relation`,
    ),
  dataCompared: (remoteApp: string) =>
    waiting(`Waiting for MySQL of ${remoteApp} to tell whether it has all data of this cluster`),
  badRemote: (remoteApp: string, field: string, reason: string) =>
    blocked(`Refused what ${remoteApp} wrote: ${field} ${reason}; mend it there, or remove the relation`),
  secretField: (remoteApp: string, field: string) =>
    blocked(`The secret of ${remoteApp} has no usable ${field}; mend it there, or remove the relation`),
  remoteIsStandby: (remoteApp: string) =>
    blocked(`${remoteApp} is a standby itself; remove the relation and relate to its primary cluster`),
  alreadyLeads: (setName: string) =>
    blocked(`This cluster leads ClusterSet ${setName} with standbys of its own; remove one of the relations`),
  isFollowed: (remoteApp: string) =>
    blocked(
      `Others are related to follow this cluster, so it cannot follow ${remoteApp}: remove one of the relations`,
    ),
  alreadyFollows: (setName: string) =>
    blocked(`This cluster is a standby of ${setName} already; remove one of the relations`),
  relatedTwice: (remoteApp: string) =>
    blocked(`Both clusters are in one ClusterSet by another relation; remove the relation with ${remoteApp}`),
  sameCluster: blocked("Both sides are the same cluster; remove the relation"),
  olderServer: (own: string, source: string) =>
    blocked(`MySQL ${own} cannot follow ${source}: refresh this application first, or remove the relation`),
  siteAwaited: (remoteApp: string) => waiting(`Waiting for the units of ${remoteApp} to enter the relation`),
  unreachableSite: (addresses: string) =>
    blocked(`Cannot reach MySQL of the primary cluster at ${addresses}; open the way for TCP 3306`),
  leavingSet: (setName: string) => waiting(`Waiting for ClusterSet ${setName} to let this cluster go`),
  orphaned: (setName: string) =>
    blocked(
      `The relation ended, its primary is silent. To lead: promote-standby-cluster force=true cluster-set-name=${setName}`,
    ),
  clearingRemoved: maintenance("Leaving the ClusterSet that this cluster was removed from"),
  removedFromSet: blocked("Removed from its ClusterSet: run recreate-cluster on the leader, or relate again"),
} as const;

const troubles: Readonly<Record<Exclude<TroubleKind, "configuration">, Status>> = {
  address: statuses.portTaken,
  "disk-full": statuses.noSpace,
  permissions: statuses.notItsFiles,
  memory: statuses.noMemory,
  aio: statuses.noAsyncIo,
  locked: statuses.dataLocked,
  downgrade: statuses.dataIsNewer,
};

/** The status of a server that does not run. */
export function troubleStatus({ kind, option }: Trouble): Status {
  return kind === "configuration" ? statuses.badSetting(option) : troubles[kind];
}
