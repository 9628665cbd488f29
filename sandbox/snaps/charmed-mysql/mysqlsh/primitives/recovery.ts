// Watching a server that joins a group: until it is ONLINE, through a clone and its restart if there is one.
import { runtime, SqlError } from "../errors.ts";
import type { Instance } from "../session.ts";
import type { Shell } from "../shell.ts";
import { ownState, RESTART_LIMIT, readGroup, startGroup, waitFor, wentAway } from "./group.ts";
import { isOn } from "./variables.ts";

/** What is told while it goes on: 0 the least, 1 and 2 the stages. */
export interface Watch {
  readonly shell: Shell;
  readonly progress: number;
  readonly donor: string;
  readonly cloning: boolean;
}

/** Waits until the server is ONLINE. Answers a connection to it: a clone breaks the one it had. Throws RuntimeError. */
export async function watchRecovery(target: Instance, watch: Watch): Promise<Instance> {
  const { output } = watch.shell;
  output.info(
    watch.progress === 0
      ? "Waiting for recovery process of the new cluster member to complete. Press ^C to stop waiting and let it continue in background."
      : "Monitoring recovery process of the new cluster member. Press ^C to stop monitoring and let it continue in background.",
  );
  const instance = watch.cloning ? await watchClone(target, watch) : target;
  if (watch.cloning || (await stateOf(instance)) === "ONLINE") {
    await waitOnline(instance);
    output.lines(`State recovery already finished for '${instance.address}'`, "");
    return instance;
  }
  output.lines(
    "Incremental state recovery is now in progress.",
    "",
    "* Waiting for distributed recovery to finish...",
  );
  output.note(`'${instance.address}' is being recovered from '${watch.donor}'`);
  await waitOnline(instance);
  output.lines("* Distributed recovery has finished", "");
  return instance;
}

const stateOf = async (instance: Instance): Promise<string> =>
  ownState(await readGroup(instance), instance.uuid);

async function waitOnline(instance: Instance): Promise<void> {
  await waitFor(
    async () => {
      const state = await stateOf(instance);
      if (state === "ERROR" || state === "OFFLINE")
        throw runtime(
          `Distributed recovery has failed: '${instance.address}' is ${state}. See the server's error log.`,
        );
      return state === "ONLINE";
    },
    RESTART_LIMIT,
    () => `'${instance.address}' is still recovering after ${RESTART_LIMIT} seconds`,
  );
}

async function watchClone(target: Instance, watch: Watch): Promise<Instance> {
  const { output } = watch.shell;
  const { address } = target;
  tellCloneStart(watch, address);
  await untilGone(target);
  tellStages(watch, ["DROP DATA", "FILE COPY", "PAGE COPY", "REDO COPY"]);
  output.info();
  output.note(`${address} is shutting down...`);
  output.info();
  output.piece("* Waiting for server restart...");
  const back = await reconnect(target, watch.shell);
  if (watch.progress > 0) output.piece("* Waiting for server restart... ready");
  output.info(`* ${address} has restarted, waiting for clone to finish...`);
  await waitFor(
    () => cloneFinished(back),
    RESTART_LIMIT,
    () => `The clone of '${address}' did not finish`,
  );
  tellStages(watch, ["FILE SYNC", "RESTART"]);
  await tellCloneEnd(watch.shell, back);
  await rejoinByHand(back);
  return back;
}

/** The lines before the stages of a clone. */
export function tellCloneStart({ shell, donor }: Watch, address: string): void {
  const { output } = shell;
  output.lines("Clone based state recovery is now in progress.", "");
  output.note(
    "A server restart is expected to happen as part of the clone process. If the\nserver does not support the RESTART command or does not come back after a\nwhile, you may need to manually start it back.",
  );
  output.lines("", "* Waiting for clone to finish...");
  output.note(`${address} is being cloned from ${donor}`);
}

/** One line for each stage, unless the least was asked for, or bars. */
export function tellStages({ shell, progress }: Watch, stages: readonly string[]): void {
  if (progress < 2) {
    if (progress > 0) for (const stage of stages) shell.output.info(`** Stage ${stage}: Completed`);
    return;
  }
  // The stages that copy are one line of bars, which is not ended; the wait for the restart ends with a spinner.
  const drawn = stages.filter((stage) => stage.endsWith(" COPY"));
  for (const stage of stages.filter((one) => !drawn.includes(one) && one !== "FILE SYNC"))
    shell.output.info(`** Stage ${stage}: Completed`);
  const bars = drawn.map((stage) => `    ${stage}    100%  Completed`).join("");
  if (drawn.length > 0) shell.output.raw(`** Clone Transfer  ${bars}`);
  if (stages.includes("RESTART")) shell.output.raw("** Stage RECOVERY: \\ \n");
}

/** How much was copied. */
export async function tellCloneEnd(shell: Shell, instance: Instance): Promise<void> {
  const row = await instance.row(
    `SELECT COALESCE(SUM(data), 0) / 1000000 AS megabytes,
       GREATEST(1, COALESCE(TIMESTAMPDIFF(SECOND, MIN(begin_time), MAX(end_time)), 1)) AS seconds
     FROM performance_schema.clone_progress WHERE stage IN ('FILE COPY', 'PAGE COPY', 'REDO COPY')`,
  );
  const megabytes = Number(row["megabytes"]);
  const seconds = Number(row["seconds"]);
  const about = seconds === 1 ? "about 1 second" : `${seconds} seconds`;
  shell.output.lines(
    `* Clone process has finished: ${megabytes.toFixed(2)} MB transferred in ${about} (~${(megabytes / seconds).toFixed(2)} MB/s)`,
    "",
  );
}

/** Returns when the connection breaks, or when the server became ONLINE without a restart. */
async function untilGone(target: Instance): Promise<void> {
  try {
    await waitFor(
      async () => {
        const failed = await target.value(
          "SELECT error_message AS text FROM performance_schema.clone_status WHERE state = 'Failed'",
        );
        if (failed) throw runtime(`The clone of '${target.address}' has failed: ${String(failed)}`);
        return (await stateOf(target)) === "ONLINE";
      },
      RESTART_LIMIT * 10,
      () => `The clone of '${target.address}' did not end`,
    );
  } catch (error) {
    if (!wentAway(error)) throw error;
  }
}

/** Connects again to a server that restarts. Throws RuntimeError when it does not come back. */
export async function reconnect(target: Instance, shell: Shell): Promise<Instance> {
  await shell.pool.forget(target);
  let back: Instance | undefined;
  await waitFor(
    async () => {
      const found = await shell.pool.attempt(target.address);
      if (found instanceof SqlError) return false;
      back = found;
      return true;
    },
    RESTART_LIMIT,
    () => `Timeout waiting for '${target.address}' to restart. Start the server and run the operation again.`,
  );
  if (back === undefined) throw new Error("a connection was found and lost");
  return back;
}

/** True once the clone of a restarted server is complete. */
export async function cloneFinished(instance: Instance): Promise<boolean> {
  const row = await instance.row(
    "SELECT MAX(state) AS state, MAX(error_message) AS text FROM performance_schema.clone_status",
  );
  if (row["state"] === "Failed")
    throw runtime(`The clone of '${instance.address}' has failed: ${String(row["text"])}`);
  return row["state"] === "Completed";
}

/** A member that does not start Group Replication on boot does not do so after a clone either. */
async function rejoinByHand(instance: Instance): Promise<void> {
  if (await isOn(instance, "group_replication_start_on_boot")) {
    await waitFor(
      async () => (await stateOf(instance)) !== "OFFLINE",
      60,
      () => `'${instance.address}' did not start Group Replication after the clone`,
    );
    return;
  }
  await startGroup(instance);
}
