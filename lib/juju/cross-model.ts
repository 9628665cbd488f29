// A relation between two models: each model has a relation of its own, and whatever one side writes appears on the other under the names of that side. Pure.
import { applicationOf, type Model, type Relation, type SandboxState } from "./model.ts";

/**
 * Copies what `model`'s own application shows in a cross-model relation to the relation's counterpart.
 * Call it after every change of the relation; does nothing for relations within a model.
 */
export function mirror(state: SandboxState, model: Model, relation: Relation): void {
  const there = counterpartOf(state, relation);
  if (there === undefined) return;
  const mine = relation.endpoints.findIndex((end) => model.applications[end.application] !== undefined);
  const near = relation.endpoints[mine]?.application;
  const far = there.relation.endpoints[mine]?.application;
  if (near === undefined || far === undefined) return;
  const bag = relation.applications[near];
  if (bag !== undefined) there.relation.applications[far] = structuredClone(bag);
  for (const [unit, shown] of Object.entries(relation.units)) {
    if (applicationOf(unit) !== near) continue;
    there.relation.units[`${far}${unit.slice(near.length)}`] = structuredClone(shown);
  }
  if (relation.life === "dying" && there.relation.life === "alive") there.relation.life = "dying";
  there.relation.suspended = relation.suspended;
  there.relation.suspendedReason = relation.suspendedReason;
}

/** The same relation in the other model. */
export function counterpartOf(
  state: SandboxState,
  relation: Relation,
): { model: Model; relation: Relation } | undefined {
  if (relation.counterpart === null) return undefined;
  const model = state.models[relation.counterpart.model];
  const other = model?.relations[relation.counterpart.relation];
  return model === undefined || other === undefined ? undefined : { model, relation: other };
}
