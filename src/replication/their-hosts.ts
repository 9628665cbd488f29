// What the units of the other application say of their hosts: whether they know those of this side, and whether any member is left.
import type { Relation } from "../../lib/index.ts";
import { readDetails } from "../hosts/details.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { KNOWN_HOSTS, knowsHosts } from "../wire/peers.ts";
import type { PrimaryFacts } from "./decide-primary.ts";

interface Known {
  readonly view: ServerView | "unknown";
  /** Hosts of the other cluster's members, by the metadata. */
  readonly members: readonly string[];
  /** The instance that the other application offered. */
  readonly endpoint: string | undefined;
}

/** An application that does not exchange host names says nothing of either. */
export async function readTheirHosts(
  ports: Ports,
  relation: Relation,
  { view, members, endpoint }: Known,
): Promise<Pick<PrimaryFacts, "resolves" | "membersGone">> {
  const { model } = ports;
  const units = await model.remoteUnits(relation);
  const details = await Promise.all(units.map((unit) => readDetails(ports, relation, unit)));
  const names = details.map((each) => each?.names);
  const membersGone =
    members.length > 0 &&
    names.length > 0 &&
    names.every((each) => each !== undefined && !members.some((member) => each.includes(member))) &&
    !(await Promise.all(members.map((member) => ports.reachable(member)))).includes(true);
  if (view === "unknown" || endpoint === undefined) return { resolves: "not-yet", membersGone };
  if (units.length > 0 && details.every((each) => each === undefined))
    return { resolves: "unsaid", membersGone };
  const unit = units[details.findIndex((each) => each?.address === endpoint)];
  const bag = unit === undefined ? {} : await model.readUnit(relation, unit);
  const online = view.group.filter((member) => member.state === "ONLINE").map((member) => member.host);
  return { resolves: knowsHosts(bag[KNOWN_HOSTS], online) ? "all" : "not-yet", membersGone };
}
