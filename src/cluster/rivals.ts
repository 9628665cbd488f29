// Whether another cluster of the ClusterSet may have become its primary while this one was down.
import { hostOf } from "../mysql/group.ts";
import { type Metadata, readServer } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { askServer } from "./peers.ts";

/**
 * Other clusters that none of their members can speak for. A standby comes up read-only whoever leads. What those that
 * answer say is AdminAPI's to follow: it takes the newest metadata of all, and keeps an invalidated cluster read-only.
 */
export async function rivalsOf(
  ports: Ports,
  { clusterName, instances, set }: Metadata,
): Promise<readonly string[]> {
  if (set === undefined || set.role !== "PRIMARY") return [];
  const others = set.clusters.filter(({ name, invalidated }) => name !== clusterName && !invalidated);
  const answers = await Promise.all(
    others.map(async ({ name }) => {
      const hosts = instances.filter(({ cluster }) => cluster === name).map(({ address }) => hostOf(address));
      const views = await Promise.all(
        hosts.map((host) => askServer(ports, () => ports.keyring.connect({ host }), readServer)),
      );
      return views.some((view) => view !== "silent") ? [] : [name];
    }),
  );
  return answers.flat();
}
