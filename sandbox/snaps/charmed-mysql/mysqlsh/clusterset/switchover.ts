// The steps of a switchover, each with its way back: the old primary cluster follows, then the new one leads.
import { SqlError } from "../errors.ts";
import { changeSet } from "../metadata/records.ts";
import { addManagedSource, deleteManagedSources, resetChannel, startChannel } from "../primitives/channel.ts";
import { isWritableByElection, setWritableByElection } from "../primitives/group.ts";
import { synchronise } from "../primitives/gtid.ts";
import { setVariable } from "../primitives/variables.ts";
import type { ClusterProbe } from "../probe.ts";
import type { Undo } from "../undo.ts";
import {
  type Following,
  followAll,
  forgetChannels,
  makeWritable,
  membersPrimaryLast,
  promote,
  refreshAccount,
  setSizeLimit,
  sizeLimitOf,
} from "./replica.ts";
import { type Change, recordChange } from "./set-primary-cluster.ts";

/** Changes the primary cluster. What is undone when it throws is in `undo`. */
export async function switchover(change: Change, undo: Undo): Promise<void> {
  const { handle, target, demoted, seconds } = change;
  const { output } = handle.shell;
  output.info("* Refreshing replication account of demoted cluster");
  const credentials = await refreshAccount(demoted.primary, demoted.cluster);
  output.info(`* Synchronizing transaction backlog at ${target.primary.address}`);
  await synchronise(target.primary, demoted.primary, seconds);
  output.lines("", "", "");
  undo.push("transaction size limit of the promoted cluster", () => setSizeLimit(target, 0));
  await setSizeLimit(target, sizeLimitOf(target.cluster));
  output.info("* Updating metadata");
  await updateMetadata(change, undo);
  output.lines("", "* Updating topology");
  const following: Following = { source: target.primary, groupName: target.cluster.groupName, credentials };
  undo.push("demotion", () => takeBackDemotion(demoted));
  await followAll(output, demoted, following);
  await setSizeLimit(demoted, 0);
  await lockAndPromote(change, undo);
  output.lines("", "", "", "* Updating replica clusters");
  await moveOthers(change, undo);
  await forgetChannels(target);
}

async function updateMetadata(change: Change, undo: Undo): Promise<void> {
  const { handle, demoted } = change;
  await recordChange(change);
  undo.push("metadata", () =>
    changeSet(demoted.primary, handle.set?.id ?? "", [
      { kind: "primary_changed", cluster: demoted.cluster.id },
    ]),
  );
  for (const one of change.invalidated)
    handle.shell.output.note(`Cluster '${one.name}' was INVALIDATED and no longer part of the clusterset.`);
}

async function takeBackDemotion(demoted: Change["demoted"]): Promise<void> {
  const { primary, cluster } = demoted;
  for (const member of membersPrimaryLast(demoted)) await resetChannel(member);
  await deleteManagedSources(primary);
  await makeWritable(primary);
  await setSizeLimit(demoted, sizeLimitOf(cluster));
}

/** Between the locks and the promotion nobody can write. */
async function lockAndPromote(change: Change, undo: Undo): Promise<void> {
  const { handle, target, demoted, others, seconds } = change;
  const { output } = handle.shell;
  output.lines("* Acquiring locks in ClusterSet instances", "** Pre-synchronizing SECONDARIES");
  await Promise.all([target, ...others].map((one) => synchronise(one.primary, demoted.primary, seconds)));
  const locked = [demoted, ...others].map((one) => one.primary);
  try {
    output.info("** Acquiring global lock at PRIMARY");
    await demoted.primary.query("FLUSH TABLES WITH READ LOCK");
    await setVariable(demoted.primary, "GLOBAL", "super_read_only", "ON");
    await demoted.primary.query("FLUSH BINARY LOGS");
    output.info("** Acquiring global lock at SECONDARIES");
    for (const one of others) {
      await synchronise(one.primary, demoted.primary, seconds);
      await one.primary.query("FLUSH TABLES WITH READ LOCK");
    }
    output.lines("", "* Synchronizing remaining transactions at promoted primary");
    await synchronise(target.primary, demoted.primary, seconds);
  } finally {
    for (const one of locked)
      await one.query("UNLOCK TABLES").catch((error: unknown) => {
        if (!(error instanceof SqlError)) throw error;
      });
  }
  undo.push("promotion", () => takeBackPromotion(target, demoted));
  await promote(target.primary);
}

async function takeBackPromotion(target: Change["target"], demoted: Change["demoted"]): Promise<void> {
  const { primary } = target;
  if (await isWritableByElection(primary)) await setWritableByElection(primary, false);
  await setVariable(primary, "PERSIST", "super_read_only", "ON");
  await startChannel(primary);
  const { host, port } = demoted.primary;
  await deleteManagedSources(primary);
  await addManagedSource(primary, demoted.cluster.groupName, {
    host,
    port,
    credentials: undefined,
    tls: true,
  });
}

/** The remaining replica clusters follow the promoted one. */
async function moveOthers(change: Change, undo: Undo): Promise<void> {
  const { handle, target, demoted, others } = change;
  const { output } = handle.shell;
  const move = (cluster: ClusterProbe, to: Change["target"]): Promise<void> =>
    followAll(output, cluster, {
      source: to.primary,
      groupName: to.cluster.groupName,
      credentials: undefined,
    });
  for (const other of others) {
    undo.push(`source of cluster '${other.cluster.name}'`, () => move(other, demoted));
    await move(other, target);
  }
}
