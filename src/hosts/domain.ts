// Makes the members' host names resolvable: publishes this unit's, and writes those of all related units to /etc/hosts.

import type { Relation } from "../../lib/index.ts";
import { paths } from "../machine/paths.ts";
import type { Ports } from "../ports.ts";
import {
  HOSTNAME_DETAILS,
  type HostnameDetails,
  hostnameDetailsSchema,
  KNOWN_HOSTS,
  PEERS,
} from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA } from "../wire/replication.ts";
import { memberHost } from "../workload/domain.ts";
import { boundAddress, ingressAddress } from "./address.ts";
import { readDetails } from "./details.ts";
import { withHosts } from "./hosts-file.ts";
import { readSetHosts } from "./set-hosts.ts";

const endpoints = [PEERS, ASYNC_PRIMARY, ASYNC_REPLICA] as const;

/**
 * Runs at every event before anything that needs a name. Not a decision: the file is a function of the databags.
 * A hook that is killed in it leaves the old file or the new one.
 */
export async function keepHosts(ports: Ports): Promise<void> {
  const { model } = ports;
  const name = await memberHost(ports);
  const own = await ownDetails(ports, undefined, name);
  const hosts: HostnameDetails[] = own === undefined ? [] : [own];
  const related = await relatedHosts(ports);
  for (const { details } of related) hosts.push(...details);
  hosts.push(...(await setHosts(ports)));
  await writeFile(ports, hosts);
  // After the file: whoever finds its name in the list can count on being found.
  for (const { relation, details } of related) {
    await publish(ports, relation, name);
    model.writeUnit(relation, { [KNOWN_HOSTS]: details.map((each) => each.names[0]).join(",") });
  }
}

/** Of sites that are not related to this one, or not any more. They come last: they speak for none of the others. */
async function setHosts({ model }: Ports): Promise<readonly HostnameDetails[]> {
  const peers = await model.peer(PEERS);
  return peers === undefined ? [] : readSetHosts((await model.readApp(peers, "local")) ?? {});
}

interface RelatedHosts {
  readonly relation: Relation;
  readonly details: readonly HostnameDetails[];
}

/** The units of every relation, in the order of trust: peers first. */
async function relatedHosts(ports: Ports): Promise<readonly RelatedHosts[]> {
  const related: RelatedHosts[] = [];
  for (const endpoint of endpoints) {
    for (const relation of await ports.model.relations(endpoint)) {
      if (relation.broken) continue;
      const units = await ports.model.remoteUnits(relation);
      const details = await Promise.all(units.map((unit) => readDetails(ports, relation, unit)));
      related.push({ relation, details: details.filter((each) => each !== undefined) });
    }
  }
  return related;
}

async function publish(ports: Ports, relation: Relation, name: string): Promise<void> {
  const details = await ownDetails(ports, relation, name);
  if (details !== undefined) ports.model.writeUnit(relation, { [HOSTNAME_DETAILS]: JSON.stringify(details) });
}

/** Over a relation to another site the address is the one that the other site can reach. */
async function ownDetails(
  ports: Ports,
  relation: Relation | undefined,
  name: string,
): Promise<HostnameDetails | undefined> {
  const endpoint = endpoints.find((each) => each === relation?.endpoint) ?? PEERS;
  const network = await ports.model.network(endpoint, relation);
  const address = endpoint === PEERS ? boundAddress(network) : ingressAddress(network);
  const short = name.split(".")[0] ?? name;
  const parsed = hostnameDetailsSchema.safeParse({ names: [...new Set([name, short])], address });
  return parsed.success ? parsed.data : undefined;
}

async function writeFile(ports: Ports, hosts: readonly HostnameDetails[]): Promise<void> {
  const before = (await ports.files.read(paths.hosts)) ?? "127.0.0.1 localhost\n";
  const after = withHosts(before, hosts);
  if (after !== before) await ports.files.write(paths.hosts, after);
}
