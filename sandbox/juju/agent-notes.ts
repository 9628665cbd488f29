// Operations of a unit's agent that run nothing: it notes something down, in its own memory or in the model.
import { enterRelation, forgetGone } from "../../lib/juju/local-state.ts";
import type { Model, Unit } from "../../lib/juju/model.ts";
import { enterScope } from "../../lib/juju/relations.ts";
import type { AgentWorld, NotedWorld } from "./agent-steps.ts";
import type { Operation } from "./resolver.ts";

/** Whose notes these are. */
interface NoteTaker {
  readonly model: Model;
  readonly unit: Unit;
  readonly world: NotedWorld & Pick<AgentWorld, "placeCharm" | "onResigned">;
}

/** Carries out an operation that runs nothing; any other is left alone. */
export async function note(agent: NoteTaker, operation: Operation): Promise<void> {
  const { model, unit, world } = agent;
  const { store } = world;
  switch (operation.kind) {
    case "drop-hook":
      unit.local = { ...unit.local, step: "idle", hook: null };
      return store.changed();
    case "queue-hook":
      unit.local = { ...unit.local, step: "queued", hook: operation.hook };
      return store.changed();
    case "resign-leadership":
      unit.local = { ...unit.local, leader: false };
      world.onResigned(model, unit);
      return store.changed();
    case "enter-relation": {
      const relation = model.relations[operation.relation.id];
      if (relation !== undefined) enterScope(store.state, model, relation, unit.name);
      unit.local = enterRelation(unit.local, operation.relation.id, operation.relation);
      return store.changed();
    }
    case "upgrade": {
      await world.placeCharm(unit, operation.charm);
      const { charm, modified: charmModified, failed } = operation;
      const now = { ...unit.local, charm, charmModified };
      unit.local =
        failed === null
          ? { ...now, step: "queued", hook: { kind: "upgrade-charm" } }
          : { ...now, hook: failed };
      return store.changed();
    }
    default:
      return;
  }
}

/** An agent that starts finds out which relations went without its being told; the model forgets those that no agent knows any more. */
export function forgetGoneRelations({ model, unit }: Pick<NoteTaker, "model" | "unit">): void {
  unit.local = forgetGone(unit.local, (id) => model.relations[id] !== undefined);
  for (const id of Object.keys(model.ghosts)) {
    const known = Object.values(model.units).some((other) => other.local.relations[id] !== undefined);
    if (!known) delete model.ghosts[id];
  }
}
