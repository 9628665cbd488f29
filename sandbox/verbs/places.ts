// How a person names a place: a machine, the machine of a unit, or all machines of a model.
import { applicationOf, isUnitName, type Model, type SandboxState } from "../../lib/juju/model.ts";
import type { Place } from "../faults/fault.ts";
import { modelNamed, unitNamed } from "../juju/operations/models.ts";
import { notFoundIn, Refusal } from "../juju/operations/refusal.ts";

/**
 * `0` and `db/0` in the model that is given, `rome:0` and `rome:db/0` in another, `rome` for the whole model.
 * @throws Refusal when there is no such thing.
 */
export function placeNamed(state: SandboxState, model: () => Model, text: string): Place {
  const [, owner, thing = ""] = /^(?:([^:]*):)?(.*)$/s.exec(text) ?? [];
  const isPart = /^\d+$/.test(thing) || thing.includes("/");
  if (owner === undefined && !isPart) return { model: modelNamed(state, thing).name, machine: null };
  const target = owner === undefined ? model() : modelNamed(state, owner);
  if (thing.includes("/")) return { model: target.name, machine: unitNamed(target, thing).machine };
  if (target.machines[thing] === undefined)
    throw notFoundIn(target, "machine", thing, Object.keys(target.machines));
  return { model: target.name, machine: thing };
}

/** A unit that is not there yet may be named too, once its application is. */
export function unitToBe(model: Model, text: string): string {
  if (!isUnitName(text)) return unitNamed(model, text).name;
  if (model.applications[applicationOf(text)] === undefined)
    throw new Refusal(
      `unit ${JSON.stringify(text)} not found: its application is not in model ${model.name}`,
    );
  return text;
}
