// Who leads: whenever a lead is free, the first unit whose machine runs gets it. Moves of the lead are moves of the search.
import type { Application, Model } from "../../lib/juju/model.ts";
import { type ExploreState, placesOf } from "./state.ts";

/** Fills every lead that is free. */
export function review(state: ExploreState): void {
  for (const model of Object.values(state.juju.models)) {
    for (const application of Object.values(model.applications)) {
      if (application.leader !== null && model.units[application.leader] === undefined)
        application.leader = null;
      application.leader ??= claimants(state, model, application)[0] ?? null;
    }
  }
}

/** The holder gives the lead up: another one gets it if there is one. */
export function depose(state: ExploreState, application: Application | undefined): void {
  if (application === undefined) return;
  const old = application.leader;
  const model = Object.values(state.juju.models).find(
    (each) => each.applications[application.name] === application,
  );
  if (model === undefined) return;
  application.leader = claimants(state, model, application).find((unit) => unit !== old) ?? null;
}

/** Living units, those whose agents run first. */
export function claimants(state: ExploreState, model: Model, application: Application): readonly string[] {
  const present = new Set(placesOf(state).map(({ unit }) => unit.name));
  return Object.values(model.units)
    .filter((unit) => unit.application === application.name && unit.life === "alive")
    .map((unit) => unit.name)
    .sort((a, b) => Number(present.has(b)) - Number(present.has(a)) || (a < b ? -1 : 1));
}
