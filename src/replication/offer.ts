// The instance that a cluster on its way into a set offers to the other site: its address, and the name of the cluster that it becomes.
import { createHash } from "node:crypto";
import type { HookContext, Relation } from "../../lib/index.ts";
import { ingressAddress } from "../hosts/address.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { isSameName, unitLabel } from "../wire/names.ts";
import { ASYNC_REPLICA, type ReplicaBag } from "../wire/replication.ts";

/** Where the other site reaches this unit. Throws MysqlProblem while Juju knows no address. */
export async function addressFor(ports: Ports, relation: Relation): Promise<string> {
  const address = await knownAddress(ports, relation);
  if (address !== undefined) return address;
  throw new MysqlProblem("failed", "Offering this cluster", "Juju knows no address of this unit");
}

/** Only the unit that offers its instance knows its own address over this relation. */
export async function hasMoved(ports: Ports, relation: Relation, offered: ReplicaBag): Promise<boolean> {
  if (offered["node-label"] !== unitLabel(ports.model.context.unit)) return false;
  const address = await knownAddress(ports, relation);
  return address !== undefined && address !== offered.endpoint;
}

/** Juju has removed the unit that offered its instance, before the other site made a cluster of it. */
export async function isOffererGone({ model }: Ports, offered: ReplicaBag): Promise<boolean> {
  const label = offered["node-label"];
  if (label === undefined) return false;
  return ![...(await model.knownUnits()).keys()].some((unit) => unitLabel(unit) === label);
}

async function knownAddress({ model }: Ports, relation: Relation): Promise<string | undefined> {
  return ingressAddress(await model.network(ASYNC_REPLICA, relation));
}

/** AdminAPI takes names that differ only in case for the same. The suffix is the same at every try. */
export function distinctName(
  { modelUuid, app }: Pick<HookContext, "modelUuid" | "app">,
  own: string,
  theirs: string | undefined,
): string {
  if (!isSameName(own, theirs)) return own;
  const suffix = createHash("sha256").update(`${modelUuid}/${app}`).digest("hex").slice(0, 4);
  return `${own.slice(0, 58)}-${suffix}`;
}
