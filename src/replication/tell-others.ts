// Tells the peers and the related applications that roles in the ClusterSet have changed.
import { readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import type { Ports } from "../ports.ts";
import { nextCount, PEERS } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, primaryBagSchema, replicaBagSchema } from "../wire/replication.ts";

const schemas = { [ASYNC_PRIMARY]: primaryBagSchema, [ASYNC_REPLICA]: replicaBagSchema } as const;

/**
 * Roles are not on the wire: a counter in each databag wakes those who read it, so that they look at once. Only the
 * leader can count; elsewhere the others find out at their next update-status.
 */
export async function tellOthers({ model, ...ports }: Ports): Promise<void> {
  const leader = await model.leadership();
  if (leader === undefined) return;
  const peers = await model.peer(PEERS);
  if (peers !== undefined) {
    const counted = (await readNames({ model, ...ports }))?.switchover;
    model.writeApp(leader, peers, { switchover: nextCount(counted) });
  }
  for (const endpoint of [ASYNC_PRIMARY, ASYNC_REPLICA] as const) {
    for (const relation of await model.relations(endpoint)) {
      if (relation.broken) continue;
      const own = readBag(schemas[endpoint], (await model.readApp(relation, "local")) ?? {});
      const counted = own.kind === "value" ? own.value.switchover : undefined;
      model.writeApp(leader, relation, { switchover: nextCount(counted) });
    }
  }
}
