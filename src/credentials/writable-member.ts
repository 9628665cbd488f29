// Finds the one server of a ClusterSet that takes writes.
import type { Ports } from "../ports.ts";
import { primaryHost, viewPrimary } from "../replication/local-cluster.ts";
import { askOthers, globalPrimaryHost, withNewest } from "../replication/set-copies.ts";

/** Host of the primary of the set's primary cluster; undefined when it is not known or nobody there answers. */
export async function writableMember(ports: Ports): Promise<string | undefined> {
  const view = await viewPrimary(ports);
  if (view === "unknown" || view.metadata === "absent") return undefined;
  if (view.metadata.set === undefined) return primaryHost(view);
  const others = await askOthers(ports, view);
  return globalPrimaryHost(withNewest(view, others), others);
}
