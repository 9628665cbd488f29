// What can happen in a world besides the usual: other orders of events, kills, faults, moves of the lead, and what operators do.
import { isBusy } from "./agent.ts";
import { claimants } from "./leads.ts";
import { writersOf } from "./ledger.ts";
import type { Move } from "./moves.ts";
import { naturalMoves } from "./mysql/moves.ts";
import { type ExploreState, placesOf } from "./state.ts";

export type SurpriseKind = "order of events" | "lead" | "fault" | "operator" | "flush";

/** One surprise: the moves that it is made of. */
export interface Surprise {
  readonly kind: SurpriseKind;
  readonly moves: readonly Move[];
}

/** All surprises of a world, except kills: these come from watching the run that is killed. */
export function surprises(state: ExploreState, usual: Move): readonly Surprise[] {
  return [
    ...otherOrders(state, usual),
    ...leads(state),
    ...faults(state),
    ...operators(state),
    ...(usual.do === "step" ? [one("flush", { do: "refuse-flush", unit: usual.unit })] : []),
  ];
}

const one = (kind: SurpriseKind, move: Move): Surprise => ({ kind, moves: [move] });

function otherOrders(state: ExploreState, usual: Move): readonly Surprise[] {
  const places = placesOf(state);
  const steps = places
    .filter((place) => isBusy(state, place))
    .map(({ unit }): Move => ({ do: "step", unit: unit.name }));
  const natural = naturalMoves(state.mysql).map(({ name }): Move => ({ do: "natural", name }));
  const ticks = places
    .filter((place) => place.unit.local.started && !isBusy(state, place))
    .map(({ unit }): Move => ({ do: "tick", unit: unit.name }));
  const told = JSON.stringify(usual);
  return [...steps, ...natural, ...ticks]
    .filter((move) => JSON.stringify(move) !== told)
    .map((move) => one("order of events", move));
}

function leads(state: ExploreState): readonly Surprise[] {
  return Object.values(state.juju.models).flatMap((model) =>
    Object.values(model.applications).flatMap((application) =>
      claimants(state, model, application)
        .filter((unit) => unit !== application.leader && state.agents[unit] !== undefined)
        .map((unit) => one("lead", { do: "lead", unit })),
    ),
  );
}

/** Clients write until the moment of a fault or an order. */
function afterWrites(state: ExploreState, kind: SurpriseKind, move: Move): Surprise {
  const hosts = writersOf(state);
  return { kind, moves: [...hosts.map((host): Move => ({ do: "write", host })), move] };
}

function faults(state: ExploreState): readonly Surprise[] {
  const offs = placesOf(state).map(({ unit }): Move => ({ do: "power-off", unit: unit.name }));
  const sites = Object.keys(state.juju.models).sort();
  const pairs = sites.flatMap((a, at) => sites.slice(at + 1).map((b) => [a, b] as const));
  const cuts = pairs
    .filter(([a, b]) => state.mysql.cuts[`${a}|${b}`] === undefined)
    .map((pair): Move => ({ do: "cut", sites: pair }));
  return [...offs, ...cuts].map((move) => afterWrites(state, "fault", move));
}

function operators(state: ExploreState): readonly Surprise[] {
  return [...relations(state), ...scaling(state), ...actions(state)].map((move) =>
    afterWrites(state, "operator", move),
  );
}

function relations({ juju }: ExploreState): readonly Move[] {
  const models = Object.values(juju.models).filter(
    ({ name, applications }) => applications[name]?.life === "alive",
  );
  return models.flatMap((standby) =>
    models
      .filter((primary) => primary !== standby)
      .flatMap(({ name: primary }): readonly Move[] => {
        const ends = { standby: standby.name, primary };
        const related = Object.values(standby.relations).some(
          ({ life, endpoints }) =>
            life === "alive" && endpoints.some(({ application }) => application === primary),
        );
        if (!related) return [{ do: "relate", ...ends }];
        return [
          { do: "part", ...ends },
          { do: "remove-saas", ...ends },
        ];
      }),
  );
}

function scaling({ juju }: ExploreState): readonly Move[] {
  return Object.values(juju.models).flatMap(({ name, units }): readonly Move[] => {
    const alive = Object.values(units).filter(({ life }) => life === "alive");
    const removals = alive.map(({ name: unit }): Move => ({ do: "remove-unit", unit }));
    const more: readonly Move[] =
      alive.length > 0 && alive.length < 3 ? [{ do: "add-unit", site: name }] : [];
    return alive.length > 1 ? [...removals, ...more] : more;
  });
}

/** Every action that a status names, on a leader, right or wrong as it may be. */
function actions(state: ExploreState): readonly Move[] {
  const models = Object.values(state.juju.models);
  const sets = models.map(({ name }) => `set-of-${name}`);
  return models.flatMap(({ name, applications }) => {
    const unit = applications[name]?.leader;
    if (unit === null || unit === undefined || state.agents[unit] === undefined) return [];
    const run = (action: string, params: Readonly<Record<string, string | boolean>> = {}): Move => ({
      ...({ do: "run", unit, action } as const),
      params,
    });
    const others = models.filter((other) => other.name !== name);
    return [
      run("set-password", { username: "serverconfig" }),
      run("promote-to-primary", { scope: "unit" }),
      run("promote-to-primary", { scope: "unit", force: true }),
      run("recreate-cluster"),
      ...(others.length === 0 ? [] : [run("promote-to-primary", { scope: "cluster" })]),
      ...(others.length === 0 ? [] : [run("promote-to-primary", { scope: "cluster", force: true })]),
      ...others.map((other) => run("rejoin-cluster", { "cluster-name": other.name })),
      ...sets.flatMap((set) => [
        run("fence-writes", { "cluster-set-name": set }),
        run("unfence-writes", { "cluster-set-name": set }),
      ]),
    ];
  });
}
