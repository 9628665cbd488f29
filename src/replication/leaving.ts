// Clusters that are on their way out of the set: their relation to this application is gone, and they still get what is written.
import { readNames } from "../identity/domain.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { isSameName } from "../wire/names.ts";
import { readSetRelations } from "../wire/peers.ts";
import { otherSites } from "./announce.ts";

/** By the record of the relations, which is kept until the removal has come to its end. */
export async function leavingClusters(ports: Ports): Promise<readonly string[]> {
  return await recordedClusters(ports, false);
}

/** Beside these, clusters of the set's record that no relation is recorded with. Nobody can tell any of them new passwords. */
export async function unrelatedClusters(ports: Ports, { metadata }: ServerView): Promise<readonly string[]> {
  const related = await recordedClusters(ports, true);
  const set = metadata === "absent" ? undefined : metadata.set;
  const own = metadata === "absent" ? [] : [metadata.clusterName];
  const unrelated = (set?.clusters ?? [])
    .map(({ name }) => name)
    .filter((name) => ![...own, ...related].some((each) => isSameName(each, name)));
  return [...(await leavingClusters(ports)), ...unrelated];
}

async function recordedClusters(ports: Ports, isPresent: boolean): Promise<readonly string[]> {
  const recorded = readSetRelations((await readNames(ports))?.["set-relations"]);
  const present = new Set((await otherSites(ports)).map(({ id }) => String(id)));
  return Object.entries(recorded)
    .filter(([id, { cluster }]) => cluster !== "" && present.has(id) === isPresent)
    .map(([, { cluster }]) => cluster);
}
