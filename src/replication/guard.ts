// Wires the guard's table to its ports. Runs on every unit, before anything that heals: any member can make its group's primary read-only.
import type { Domain } from "../../lib/index.ts";
import { readElectsWritable, readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { decideGuard, type GuardFacts, type GuardStep } from "./decide-guard.ts";
import { primaryHost } from "./local-cluster.ts";
import { type Others, withNewest } from "./set-copies.ts";

/** `others` is what the other clusters said when the pass began. */
export function guardDomain(
  ports: Ports,
  view: ServerView | "unknown",
  others: Others,
): Domain<GuardFacts, GuardStep> {
  return {
    name: "guard",
    observe: () => observe(ports, view, others),
    decide: decideGuard,
    perform: () => fence(ports, view),
  };
}

async function observe(ports: Ports, view: ServerView | "unknown", others: Others): Promise<GuardFacts> {
  if (view === "unknown" || view.metadata === "absent" || view.metadata.set === undefined) {
    return { clusterName: "", standing: "none", primary: undefined };
  }
  const { standing } = withNewest(view, others);
  const primary = standing === "member" ? undefined : await readPrimary(ports, view);
  return { clusterName: view.metadata.clusterName, standing, primary };
}

async function readPrimary(ports: Ports, view: ServerView): Promise<GuardFacts["primary"]> {
  const host = primaryHost(view);
  if (host === undefined) return undefined;
  try {
    await using session = await ports.keyring.connect({ host });
    const { superReadOnly } = (await readServer(session)).server;
    return { superReadOnly, electsWritable: await readElectsWritable(session) };
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}

/**
 * Over SQL, since MySQL Shell wants the whole set to be there. super_read_only first: from then on no client's write is
 * taken. To switch the action off it has to be lifted for a moment, in which read_only stays on. AdminAPI leaves the
 * same marks on an invalidated cluster that it reboots.
 */
async function fence(ports: Ports, view: ServerView | "unknown"): Promise<void> {
  const host = view === "unknown" ? undefined : primaryHost(view);
  if (host === undefined) return;
  await using session = await ports.keyring.connect({ host });
  await session.run("SET GLOBAL super_read_only = ON");
  if (!(await readElectsWritable(session))) return;
  await session.run("SET GLOBAL super_read_only = OFF");
  await session.run(
    "DO group_replication_disable_member_action('mysql_disable_super_read_only_if_primary', 'AFTER_PRIMARY_ELECTION')",
  );
  await session.run("SET GLOBAL super_read_only = ON");
}
