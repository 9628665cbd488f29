// Finds the one server of a ClusterSet that takes writes.
import { readServer } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { primaryHost, viewPrimary } from "../replication/local-cluster.ts";

/** Host of the primary of the set's primary cluster; undefined when it is not known or nobody there answers. */
export async function writableMember(ports: Ports): Promise<string | undefined> {
  const view = await viewPrimary(ports);
  if (view === "unknown" || view.metadata === "absent") return undefined;
  const { set, instances } = view.metadata;
  if (set === undefined || set.role === "PRIMARY") return primaryHost(view);
  const leading = set.clusters.find((cluster) => cluster.role === "PRIMARY" && !cluster.invalidated);
  for (const { address } of instances.filter((each) => each.cluster === leading?.name)) {
    const host = await primaryThrough(ports, address.replace(/:\d+$/, ""));
    if (host !== undefined) return host;
  }
  return undefined;
}

async function primaryThrough(ports: Ports, host: string): Promise<string | undefined> {
  try {
    await using session = await ports.keyring.connect({ host });
    return primaryHost(await readServer(session));
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}
