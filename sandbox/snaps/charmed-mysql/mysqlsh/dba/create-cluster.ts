// dba create-cluster

import { createSeed } from "../cluster/seed.ts";
import { runtime } from "../errors.ts";
import { readState } from "../instance-state.ts";
import { requireName } from "../names.ts";
import type { ObjectResult } from "../output.ts";
import { RULES, requireType } from "../preconditions.ts";
import { lock } from "../primitives/locks.ts";
import { isOn, setVariable } from "../primitives/variables.ts";
import { notDone, refuseOptions } from "../refusals.ts";
import type { Call } from "../shell.ts";
import { announceGroupAddress, validateInstance } from "./instance-check.ts";

/** Makes a cluster whose only member is the session's server. */
export async function createCluster({ shell, args }: Call): Promise<ObjectResult> {
  const { output, session } = shell;
  const name = args.at(0);
  refuseOptions(args, "createCluster");
  await requireFree({ shell, args });
  output.lines(`A new InnoDB Cluster will be created on instance '${session.address}'.`, "");
  requireName("Cluster", name);
  await lock(shell, "instance", session);
  if (await isOn(session, "super_read_only")) {
    output.info(`Disabling super_read_only mode on instance '${session.address}'.`);
    await setVariable(session, "GLOBAL", "super_read_only", "OFF");
  }
  await validateInstance(output, session);
  announceGroupAddress(output, session, args.text("localAddress"));
  await createSeed(output, { target: session, name, args, globalPrimary: undefined });
  return { class: "Cluster", name };
}

async function requireFree({ shell }: Call): Promise<void> {
  const { type } = await readState(shell.session);
  const prefix = `Dba.createCluster: Unable to create cluster. The instance '${shell.session.address}'`;
  if (type === "InnoDBCluster")
    throw runtime(`${prefix} already belongs to an InnoDB cluster. Use dba.getCluster() to access it.`);
  if (type === "StandaloneInMetadata")
    throw runtime(
      `${prefix} has a populated Metadata schema and belongs to that Metadata. Use either dba.dropMetadataSchema() to drop the schema, or dba.rebootClusterFromCompleteOutage() to reboot the cluster from complete outage.`,
    );
  if (type === "GroupReplication")
    throw notDone("createCluster from a running replication group (adoptFromGR)");
  requireType(shell.output, type, RULES["dba.createCluster"].types);
}
