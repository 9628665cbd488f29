// What operators do, by Juju's own operations: deploy, relate, part, scale, and run actions.
import type { Model, Unit } from "../../lib/juju/model.ts";
import {
  addUnits,
  deploy,
  removeApplication,
  removeUnit,
} from "../../sandbox/juju/operations/applications.ts";
import { addModel, applicationNamed, modelNamed, unitNamed } from "../../sandbox/juju/operations/models.ts";
import { consume, offer, removeSaas } from "../../sandbox/juju/operations/offers.ts";
import { integrate, removeRelation } from "../../sandbox/juju/operations/relate.ts";
import { enqueueAction } from "../../sandbox/juju/operations/tasks.ts";
import { provision } from "./machines.ts";
import { type ExploreState, timeOf } from "./state.ts";

/** Something that a person does; `site` is the model and its application. */
export type Order =
  | { readonly do: "deploy"; readonly site: string; readonly units: number }
  | { readonly do: "relate"; readonly standby: string; readonly primary: string }
  | { readonly do: "part"; readonly standby: string; readonly primary: string }
  | { readonly do: "remove-saas"; readonly standby: string; readonly primary: string }
  | { readonly do: "add-unit"; readonly site: string }
  | { readonly do: "remove-unit"; readonly unit: string }
  | { readonly do: "remove-application"; readonly site: string }
  | {
      readonly do: "run";
      readonly unit: string;
      readonly action: string;
      readonly params: Readonly<Record<string, string | boolean>>;
    };

/** Digest under which the world knows the charm. */
export const CHARM = "mysql";

/** Does it. Throws a Refusal where Juju refuses. Changes the state in place. */
export function carryOut(state: ExploreState, order: Order): void {
  const { juju } = state;
  switch (order.do) {
    case "deploy":
      deploy(juju, addModel(juju, order.site), {
        ...{ name: order.site, charm: CHARM, units: order.units, now: timeOf(state) },
        config: {
          profile: "testing",
          "cluster-name": order.site,
          "cluster-set-name": `set-of-${order.site}`,
        },
      });
      provision(state);
      return;
    case "relate":
      relate(state, order.standby, order.primary);
      return;
    case "part":
      removeRelation(juju, modelNamed(juju, order.standby), [
        `${order.standby}:async-replica`,
        `${order.primary}:async-primary`,
      ]);
      return;
    case "remove-saas":
      removeSaas(juju, modelNamed(juju, order.standby), order.primary, { force: true });
      return;
    case "add-unit": {
      const model = modelNamed(juju, order.site);
      addUnits(juju, model, applicationNamed(model, order.site), { count: 1, now: timeOf(state) });
      provision(state);
      return;
    }
    case "remove-unit": {
      const { model, unit } = found(state, order.unit);
      removeUnit(juju, model, unit);
      return;
    }
    case "remove-application":
      removeApplication(juju, modelNamed(juju, order.site), order.site);
      return;
    case "run": {
      const { model, unit } = found(state, order.unit);
      enqueueAction(juju, model, [unit], { name: order.action, parameters: order.params }, timeOf(state));
    }
  }
}

function relate(state: ExploreState, standby: string, primary: string): void {
  const { juju } = state;
  const source = modelNamed(juju, primary);
  const consumer = modelNamed(juju, standby);
  if (source.offers[primary] === undefined)
    offer(juju, source, { application: primary, endpoints: ["async-primary"], name: primary });
  if (consumer.remotes[primary] === undefined)
    consume(juju, consumer, `admin/${primary}.${primary}`, primary);
  integrate(juju, consumer, `${standby}:async-replica`, `${primary}:async-primary`);
}

function found(state: ExploreState, name: string): { model: Model; unit: Unit } {
  const [site = ""] = name.split("/");
  const model = modelNamed(state.juju, site);
  return { model, unit: unitNamed(model, name) };
}

/** An order as a person would say it. */
export function describeOrder(order: Order): string {
  switch (order.do) {
    case "deploy":
      return `${order.site} is deployed with ${order.units} units`;
    case "relate":
      return `${order.standby} is related to follow ${order.primary}`;
    case "part":
      return `the relation of ${order.standby} with ${order.primary} is removed`;
    case "remove-saas":
      return `${order.standby} removes the SAAS ${order.primary} by force`;
    case "add-unit":
      return `a unit is added to ${order.site}`;
    case "remove-unit":
      return `${order.unit} is removed`;
    case "remove-application":
      return `${order.site} is removed`;
    case "run": {
      const params = Object.entries(order.params).map(([key, value]) => ` ${key}=${value}`);
      return `the operator runs on ${order.unit}: ${order.action}${params.join("")}`;
    }
  }
}
