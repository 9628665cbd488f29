// Machines with their agents: they come with their units, lose power and get it back, and go when their unit has run its last hook.
import type { MachineRecord, Model } from "../../lib/juju/model.ts";
import { forgetGoneRelations } from "../../sandbox/juju/agent-notes.ts";
import { forgetUnit } from "../../sandbox/juju/operations/applications.ts";
import { review } from "./leads.ts";
import { powerOff, powerOn } from "./mysql/moves.ts";
import { addMachine, removeMachine } from "./mysql/state.ts";
import { type ExploreState, freshAgent, hostOf, type Place } from "./state.ts";

/** Brings up every machine that a new unit waits for, with its storage mounted. */
export function provision(state: ExploreState): void {
  for (const model of Object.values(state.juju.models)) {
    for (const record of Object.values(model.machines)) {
      if (record.status !== "pending") continue;
      addMachine(state.mysql, { host: hostOf(model, record.id), address: record.address, site: model.name });
      startAgents(state, model, record, false);
    }
  }
  review(state);
}

/** All that runs there is gone at once; files stay. */
export function cutPower(state: ExploreState, { model, unit, host }: Place): void {
  const record = model.machines[unit.machine];
  if (record === undefined) return;
  record.status = "down";
  delete state.agents[unit.name];
  powerOff(state.mysql, host);
}

/** Machines that are off, by the units on them. */
export function isOff(state: ExploreState, unit: string): boolean {
  return state.agents[unit] === undefined;
}

/** The machine of a unit boots again. */
export function givePower(state: ExploreState, model: Model, record: MachineRecord): void {
  powerOn(state.mysql, hostOf(model, record.id));
  startAgents(state, model, record, true);
  review(state);
}

function startAgents(state: ExploreState, model: Model, record: MachineRecord, rebooted: boolean): void {
  record.status = "started";
  for (const unit of Object.values(model.units)) {
    if (unit.machine !== record.id) continue;
    for (const storage of Object.values(model.storage))
      if (storage.unit === unit.name) storage.provisioned = true;
    const known = unit.local.installed || unit.local.hook !== null;
    state.agents[unit.name] = freshAgent(rebooted || known, unit.local.updateStatusVersion);
    forgetGoneRelations({ model, unit });
  }
}

/** A unit that has run its last hook goes with its machine. */
export function bury(state: ExploreState, { model, unit, host }: Place): void {
  delete state.agents[unit.name];
  powerOff(state.mysql, host);
  removeMachine(state.mysql, host);
  forgetUnit(state.juju, model, unit);
  review(state);
}
