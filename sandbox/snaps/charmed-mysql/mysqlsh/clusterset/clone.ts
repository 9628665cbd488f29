// Copying a whole server before it becomes a replica cluster.

import type { Writable } from "../cluster/members.ts";
import { SYNC_LIMIT } from "../cluster/members.ts";
import { isSqlError, runtime } from "../errors.ts";
import type { Credentials } from "../primitives/accounts.ts";
import { RESTART_LIMIT, waitFor, wentAway } from "../primitives/group.ts";
import { synchronise } from "../primitives/gtid.ts";
import {
  cloneFinished,
  reconnect,
  tellCloneEnd,
  tellCloneStart,
  tellStages,
} from "../primitives/recovery.ts";
import { installPlugin, setVariable } from "../primitives/variables.ts";
import type { Instance } from "../session.ts";
import { type Call, connectTarget } from "../shell.ts";

/** Replaces the target's data by the donor's. Answers a connection to the restarted target. */
export async function cloneInstance(
  { shell, args, handle }: Call & { readonly handle: Writable },
  target: Instance,
  account: Credentials,
): Promise<Instance> {
  const { output } = shell;
  const { globalPrimary } = handle;
  const wanted = args.text("cloneDonor");
  const donor = wanted === undefined ? globalPrimary : await connectTarget(shell, wanted);
  if (donor.uuid !== globalPrimary.uuid) {
    output.lines("* Waiting for the donor to synchronize with PRIMARY...", "");
    await synchronise(donor, globalPrimary, SYNC_LIMIT);
    output.lines("", "");
  }
  await installPlugin(target, "clone");
  await installPlugin(donor, "clone");
  await setVariable(target, "GLOBAL", "clone_valid_donor_list", donor.address);
  output.info("Monitoring Clone based state recovery of the new member. Press ^C to abort the operation.");
  const watch = {
    shell,
    progress: args.integer("recoveryProgress") ?? 1,
    donor: donor.address,
    cloning: true,
  };
  tellCloneStart(watch, target.address);
  await runClone(target, donor, account);
  tellStages(watch, ["DROP DATA", "FILE COPY", "PAGE COPY", "REDO COPY", "FILE SYNC", "RESTART"]);
  const back = await reconnect(target, shell);
  await waitFor(
    () => cloneFinished(back),
    RESTART_LIMIT,
    () => `The clone of '${target.address}' did not finish`,
  );
  await tellCloneEnd(shell, back);
  return back;
}

async function runClone(target: Instance, donor: Instance, account: Credentials): Promise<void> {
  try {
    await target.query("CLONE INSTANCE FROM ?@?:? IDENTIFIED BY ?", [
      account.user,
      donor.host,
      donor.port,
      account.password,
    ]);
  } catch (error) {
    if (isSqlError(error, 3707))
      throw runtime(
        `'${target.address}' was cloned but has no supervisor to restart it. Start the server and run the operation again.`,
      );
    // The restart at the end of a clone breaks the connection.
    if (!wentAway(error)) throw error;
  }
}
