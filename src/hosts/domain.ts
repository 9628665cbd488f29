// Makes the members' host names resolvable: publishes this unit's, and writes those of all related units to /etc/hosts.

import * as z from "zod";
import { type Relation, readBag } from "../../lib/index.ts";
import { paths } from "../machine/paths.ts";
import type { Ports } from "../ports.ts";
import { HOSTNAME_DETAILS, type HostnameDetails, hostnameDetailsSchema, PEERS } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA } from "../wire/replication.ts";
import { memberHost } from "../workload/domain.ts";
import { withHosts } from "./hosts-file.ts";

const endpoints = [PEERS, ASYNC_PRIMARY, ASYNC_REPLICA] as const;
const bagSchema = z.object({ [HOSTNAME_DETAILS]: z.string().max(2000) });

/**
 * Runs at every event before anything that needs a name. Not a decision: the file is a function of the databags.
 * A hook that is killed in it leaves the old file or the new one.
 */
export async function keepHosts(ports: Ports): Promise<void> {
  const { model } = ports;
  const name = await memberHost(ports);
  const own = await ownDetails(ports, undefined, name);
  const hosts: HostnameDetails[] = own === undefined ? [] : [own];
  const known: string[] = [];
  for (const endpoint of endpoints) {
    for (const relation of await model.relations(endpoint)) {
      if (relation.broken) continue;
      await publish(ports, relation, name);
      for (const unit of await model.remoteUnits(relation)) {
        const details = await readDetails(ports, relation, unit);
        if (details === undefined) continue;
        hosts.push(details);
        if (endpoint === PEERS) known.push(unit);
      }
    }
  }
  await writeFile(ports, hosts);
  const peers = await model.peer(PEERS);
  if (peers !== undefined) model.writeUnit(peers, { "known-hosts": known.join(",") });
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
  const address = endpoint === PEERS ? network.bindAddress : (network.ingressAddress ?? network.bindAddress);
  const short = name.split(".")[0] ?? name;
  const parsed = hostnameDetailsSchema.safeParse({ names: [...new Set([name, short])], address });
  return parsed.success ? parsed.data : undefined;
}

/** Another unit's names; what does not fit the schema is as good as not there, and says so in the log. */
async function readDetails(
  ports: Ports,
  relation: Relation,
  unit: string,
): Promise<HostnameDetails | undefined> {
  const bag = readBag(bagSchema, await ports.model.readUnit(relation, unit));
  if (bag.kind === "absent") return undefined;
  const parsed =
    bag.kind === "value"
      ? hostnameDetailsSchema.safeParse(parseJson(bag.value[HOSTNAME_DETAILS]))
      : undefined;
  if (parsed?.success === true) return parsed.data;
  ports.log.warn(
    `${unit} wrote a ${HOSTNAME_DETAILS} that is not {"names":[…],"address":…}; it is left out of /etc/hosts`,
  );
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function writeFile(ports: Ports, hosts: readonly HostnameDetails[]): Promise<void> {
  const before = (await ports.files.read(paths.hosts)) ?? "127.0.0.1 localhost\n";
  const after = withHosts(before, hosts);
  if (after !== before) await ports.files.write(paths.hosts, after);
}
