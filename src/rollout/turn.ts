// Whose turn it is to take a server down: a lock in MySQL that ends with the hook that holds it.
import * as z from "zod";
import { flag } from "../mysql/columns.ts";
import { readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";

const LOCK = "mysql_charm_rollout";
const lockRow = z.object({ taken: flag.nullable() });

/** Labels of the own cluster's members that are not online, as the view's server sees them. */
export function missingMembers(view: ServerView): readonly string[] {
  if (view.metadata === "absent") return [];
  const { clusterName, instances } = view.metadata;
  const online = view.group.filter((member) => member.state === "ONLINE").map((member) => member.uuid);
  return instances
    .filter((each) => each.cluster === clusterName && !online.includes(each.uuid))
    .map((each) => each.label);
}

/**
 * Does the work while no other member of the cluster does the like, and all are online. The lock is a session's on the
 * primary: it ends with the hook, also with a killed one, and no unit has to be told. Throws MysqlProblem: `busy`.
 */
export async function inTurn(ports: Ports, primary: string, work: () => Promise<void>): Promise<void> {
  await using session = await ports.keyring.connect({ host: primary });
  const [lock] = await session.rows(lockRow, `SELECT GET_LOCK('${LOCK}', 0) AS taken`);
  if (lock?.taken !== true) {
    throw new MysqlProblem("busy", "Restarting MySQL", "another member restarts");
  }
  // Only with the lock held it is certain that nobody is on the way down.
  const missing = missingMembers(await readServer(session));
  if (missing.length > 0) {
    throw new MysqlProblem("busy", "Restarting MySQL", `${missing.join(", ")} went offline`);
  }
  await work();
}
