// Everything that can happen next in a world, and its happening: a move is plain data, so that a story can be told, shortened and had again.
import { Refusal } from "../../sandbox/juju/operations/refusal.ts";
import { type Fate, leaveKilled, operate, type Ran } from "./agent.ts";
import type { Rules } from "./dispatch.ts";
import { review } from "./leads.ts";
import { noteOrder, noteRow } from "./ledger.ts";
import { bury, cutPower, givePower, isOff } from "./machines.ts";
import { clientWrite, cut, heal, naturalMoves, takeWake, wakes } from "./mysql/moves.ts";
import { carryOut, type Order } from "./operator.ts";
import { copyState, type ExploreState, placeOf } from "./state.ts";

export type Move =
  | { readonly do: "step"; readonly unit: string }
  /** Killed before the n-th effect, from 1; the machine loses power with it. */
  | { readonly do: "kill"; readonly unit: string; readonly effect: number; readonly power?: true }
  | { readonly do: "refuse-flush"; readonly unit: string }
  | { readonly do: "retry" | "tick" | "lead"; readonly unit: string }
  | { readonly do: "power-off" | "power-on"; readonly unit: string }
  | { readonly do: "cut" | "heal"; readonly sites: readonly [string, string] }
  | { readonly do: "write"; readonly host: string }
  | { readonly do: "natural"; readonly name: string }
  /** Every unit's update-status is due. */
  | { readonly do: "time" }
  | Order;

/** What came of a move. */
export interface Happened {
  readonly state: ExploreState;
  /** The run of the charm that it was, if it was one. */
  readonly ran: Ran | undefined;
  /** What is to be told of it besides. */
  readonly note: string;
}

/** A world as a kill before this effect leaves it. */
export interface KilledAt {
  readonly effect: number;
  readonly state: ExploreState;
}

/** The rules of Juju and of this charm, as they are. */
export const realRules: Rules = { bury };

/** Makes a move; undefined where it cannot be made. The state that is given stays as it is. */
export async function make(
  rules: Rules,
  before: ExploreState,
  move: Move,
  killed?: (at: KilledAt) => void,
): Promise<Happened | undefined> {
  const state = copyState(before);
  const happened = await happen(rules, state, move, killed);
  if (happened === undefined) return undefined;
  after(state);
  return { state, ...happened };
}

/** What follows from a move at once: leads are filled, jobs that ended knock. */
function after(state: ExploreState): void {
  state.now += 1000;
  review(state);
  for (const wake of wakes(state.mysql)) {
    const agent = state.agents[wake.unit];
    if (agent === undefined) continue;
    takeWake(state.mysql, wake);
    agent.wakes.push(wake.job);
  }
  forgetThePast(state);
}

/** Nobody reads what is over: the state stays small. */
function forgetThePast({ juju }: ExploreState): void {
  for (const model of Object.values(juju.models)) {
    for (const each of [...Object.values(model.units), ...Object.values(model.applications)])
      each.history = [];
    for (const machine of Object.values(model.machines)) machine.history = [];
    for (const [id, { status }] of Object.entries(model.tasks))
      if (status !== "pending" && status !== "running" && Number(id) < model.next.task - 4)
        delete model.tasks[id];
  }
}

type Outcome = Omit<Happened, "state"> | undefined;
const done = (note = ""): Outcome => ({ ran: undefined, note });

async function happen(
  rules: Rules,
  state: ExploreState,
  move: Move,
  killed?: (at: KilledAt) => void,
): Promise<Outcome> {
  switch (move.do) {
    case "step":
      return await step(
        rules,
        state,
        move.unit,
        killed === undefined ? {} : watching(state, move.unit, killed),
      );
    case "kill": {
      const outcome = await step(rules, state, move.unit, { killAt: move.effect });
      const place = placeOf(state, move.unit);
      if (outcome?.ran?.end !== "killed") return undefined;
      if (move.power === true && place !== undefined) cutPower(state, place);
      return outcome;
    }
    case "refuse-flush":
      return await step(rules, state, move.unit, { refused: true });
    case "retry":
    case "tick":
      return knock(state, move.unit, move.do);
    case "lead":
      return lead(state, move.unit);
    case "power-off": {
      const place = placeOf(state, move.unit);
      if (place === undefined) return undefined;
      cutPower(state, place);
      return done();
    }
    case "power-on":
      return switchOn(state, move.unit);
    case "cut":
      cut(state.mysql, ...move.sites);
      return done();
    case "heal":
      heal(state.mysql, ...move.sites);
      return done();
    case "write":
      return write(state, move.host);
    case "time":
      for (const agent of Object.values(state.agents)) agent.ticks += 1;
      return done();
    case "natural": {
      const natural = naturalMoves(state.mysql).find(({ name }) => name === move.name);
      natural?.apply(state.mysql);
      return natural === undefined ? undefined : done();
    }
    default:
      return order(state, move);
  }
}

async function step(rules: Rules, state: ExploreState, unit: string, fate: Fate): Promise<Outcome> {
  const before = JSON.stringify(state.juju.models);
  const ran = await operate(rules, state, unit, fate);
  if (ran === undefined && JSON.stringify(state.juju.models) === before) return undefined;
  return { ran, note: "" };
}

/** Each effect of the run shows what a kill there would have left. */
function watching(state: ExploreState, unit: string, killed: (at: KilledAt) => void): Fate {
  let effect = 0;
  return {
    told: () => {
      effect += 1;
      const left = copyState(state);
      const place = placeOf(left, unit);
      if (place === undefined) return;
      leaveKilled(left, place);
      after(left);
      killed({ effect, state: left });
    },
  };
}

function knock(state: ExploreState, unit: string, how: "retry" | "tick"): Outcome {
  const place = placeOf(state, unit);
  if (place === undefined) return undefined;
  const { local } = place.unit;
  if (how === "tick") place.agent.ticks += 1;
  else if (local.step === "pending" && local.hook !== null) place.agent.retry = "due";
  else return undefined;
  return done();
}

function lead(state: ExploreState, name: string): Outcome {
  const place = placeOf(state, name);
  const application = place?.model.applications[place.unit.application];
  if (place === undefined || application === undefined) return undefined;
  if (place.unit.life !== "alive" || application.leader === name) return undefined;
  application.leader = name;
  return done();
}

function switchOn(state: ExploreState, name: string): Outcome {
  const model = Object.values(state.juju.models).find(({ units }) => units[name] !== undefined);
  const record = model?.machines[model.units[name]?.machine ?? ""];
  if (model === undefined || record === undefined || !isOff(state, name)) return undefined;
  givePower(state, model, record);
  return done();
}

function write(state: ExploreState, host: string): Outcome {
  if (state.mysql.servers[host] === undefined) return undefined;
  const { ledger } = state;
  const row = `row ${ledger.rows + 1}`;
  if (clientWrite(state.mysql, host, row) === "refused") return undefined;
  noteRow(state, row, host);
  return done(row);
}

function order(state: ExploreState, move: Order): Outcome {
  try {
    carryOut(state, move);
    noteOrder(state, move);
    return done();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Machines of all units that are off, by unit. */
export function unitsThatAreOff(state: ExploreState): readonly string[] {
  return Object.values(state.juju.models)
    .flatMap(({ units }) => Object.keys(units))
    .filter((unit) => isOff(state, unit));
}
