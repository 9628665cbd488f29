// The journeys that a search leaves in every way: each begins in a world at rest, with an order or a fault.
import { join } from "node:path";
import { readCharm } from "../../sandbox/juju/charm.ts";
import type { Rules } from "./dispatch.ts";
import { type Move, make } from "./moves.ts";
import { CHARM } from "./operator.ts";
import { type ExploreState, emptyExploreState } from "./state.ts";
import { rest } from "./usual.ts";

/** What happens on the way to a world; "…" stands for coming to rest. */
export type Way = readonly (Move | "…")[];

const deployed = (site: string): Move => ({ do: "deploy", site, units: 2 });
const follows = (standby: string, primary: string): Move => ({ do: "relate", standby, primary });
const run = (
  unit: string,
  action: string,
  params: Readonly<Record<string, string | boolean>> = {},
): Move => ({
  ...({ do: "run", unit, action } as const),
  params,
});
const off = (unit: string): Move => ({ do: "power-off", unit });

export const one: Way = [deployed("rome"), "…"];
const two: Way = [deployed("rome"), deployed("lisbon"), "…"];
export const related: Way = [...two, follows("lisbon", "rome"), "…"];
const lost: Way = [...related, { do: "write", host: "rome-0" }, off("rome/0"), off("rome/1"), "…"];
const failedOver: Way = [
  ...lost,
  run("lisbon/0", "promote-to-primary", { scope: "cluster", force: true }),
  "…",
  { do: "power-on", unit: "rome/0" },
  { do: "power-on", unit: "rome/1" },
  "…",
];

/** By name: all but the last stand before the search begins. */
export const journeys = {
  "one cluster is deployed": [deployed("rome")],
  "a unit is added": [...one, { do: "add-unit", site: "rome" }],
  "the primary's unit is removed": [...one, { do: "remove-unit", unit: "rome/0" }],
  "a password is changed": [...one, run("rome/0", "set-password", { username: "serverconfig" })],
  "all of a cluster loses power": [...one, { do: "write", host: "rome-0" }, off("rome/0"), off("rome/1")],
  "two clusters are related": [...two, follows("lisbon", "rome")],
  "a switchover": [...related, run("lisbon/0", "promote-to-primary", { scope: "cluster" })],
  "a password of the set is changed": [
    ...related,
    run("rome/0", "set-password", { username: "serverconfig" }),
  ],
  "one member is left": [
    ...[...one, off("rome/1"), "…" as const],
    run("rome/0", "promote-to-primary", { scope: "unit", force: true }),
  ],
  "a failover": [...lost, run("lisbon/0", "promote-to-primary", { scope: "cluster", force: true })],
  "an invalidated cluster rejoins": [
    ...failedOver,
    run("lisbon/0", "rejoin-cluster", { "cluster-name": "rome" }),
  ],
  "the clusters part": [...related, { do: "part", standby: "lisbon", primary: "rome" }],
  "a removed cluster is recreated": [
    ...[...related, { do: "part", standby: "lisbon", primary: "rome" } as const, "…" as const],
    run("lisbon/0", "recreate-cluster"),
  ],
  "the network is cut": [...related, { do: "cut", sites: ["lisbon", "rome"] }],
  "a third cluster is related": [...[...related, deployed("kyoto"), "…" as const], follows("kyoto", "rome")],
} as const satisfies Readonly<Record<string, Way>>;

export type Journey = keyof typeof journeys;

/** The names of all journeys, in the order in which they are told. */
export const journeyNames = Object.keys(journeys) as readonly Journey[];

/** The journey of that name. Throws where there is none. */
export function journeyOf(name: string): Journey {
  const found = journeyNames.find((each) => each === name);
  if (found !== undefined) return found;
  throw new Error(`no journey "${name}"; there are: ${journeyNames.join(", ")}`);
}

/** A world in which the charm is known and nothing is deployed. */
export function nothingDeployed(seed: number): ExploreState {
  const state = emptyExploreState(seed);
  state.juju.charms[CHARM] = readCharm(join(import.meta.dirname, "../.."));
  return state;
}

/** Worlds that were reached before, by the rules, the seed and the way there: no move changes the world that it is made in. */
const reached = new WeakMap<Rules, Map<string, Promise<ExploreState>>>();

/** The world in which a journey has begun. Throws when it cannot, or what is before it does not come to rest. */
export function begin(rules: Rules, seed: number, journey: Journey): Promise<ExploreState> {
  return reach(rules, seed, journeys[journey]);
}

function reach(rules: Rules, seed: number, way: Way): Promise<ExploreState> {
  const known = reached.get(rules) ?? new Map<string, Promise<ExploreState>>();
  reached.set(rules, known);
  const key = JSON.stringify([seed, way]);
  const state = known.get(key) ?? goOn(rules, seed, way);
  known.set(key, state);
  return state;
}

async function goOn(rules: Rules, seed: number, way: Way): Promise<ExploreState> {
  const last = way.at(-1);
  if (last === undefined) return nothingDeployed(seed);
  const state = await reach(rules, seed, way.slice(0, -1));
  const next = last === "…" ? await settle(rules, state) : (await make(rules, state, last))?.state;
  if (next === undefined) throw new Error(`${JSON.stringify(last)} cannot be`);
  return next;
}

/** With the faults as they are: what has no power stays without. */
async function settle(rules: Rules, state: ExploreState): Promise<ExploreState | undefined> {
  const end = await rest(rules, state, { faultsEnd: false });
  return end.quiet ? end.state : undefined;
}
