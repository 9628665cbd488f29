// New records of a model, with everything in them that is the same for all. Pure.
import { freshLocalState } from "./local-state.ts";
import { type Application, applicationOf, type Model, type Unit } from "./model.ts";

/** A model without anything in it. */
export function newModel(of: Pick<Model, "name" | "uuid" | "site">): Model {
  return {
    ...of,
    config: {},
    applications: {},
    remotes: {},
    units: {},
    machines: {},
    relations: {},
    ghosts: {},
    secrets: {},
    offers: {},
    tasks: {},
    storage: {},
    next: { machine: 0, relation: 0, task: 1, storage: 0 },
  };
}

/** An application without units. */
export function newApplication(of: Pick<Application, "name" | "charm" | "config">): Application {
  return {
    ...of,
    charmRevision: 0,
    charmModified: 0,
    resources: {},
    life: "alive",
    leader: null,
    leaderSettings: {},
    leaderSettingsVersion: 0,
    status: null,
    history: [],
    exposed: false,
    trusted: false,
    workloadVersion: "",
    nextUnit: 0,
  };
}

/** A unit that has not run anything. */
export function newUnit(of: Pick<Unit, "name" | "machine" | "charm" | "workload" | "agent">): Unit {
  return {
    ...of,
    application: applicationOf(of.name),
    life: "alive",
    forceUpgrade: false,
    history: [
      { ...of.workload, kind: "workload" },
      { ...of.agent, kind: "juju-unit" },
    ],
    ports: [],
    charmState: {},
    resolved: null,
    local: freshLocalState(of.charm),
  };
}
