// What an operator does about a blocked status: exactly what the status says.
import type { Model } from "../../lib/juju/model.ts";
import { writersOf } from "./ledger.ts";
import { setOf } from "./mysql/facts.ts";
import type { Order } from "./operator.ts";
import { type ExploreState, hostOf } from "./state.ts";

interface Sight {
  readonly state: ExploreState;
  readonly model: Model;
  readonly unit: string;
  readonly match: readonly string[];
}

type Remedy = (sight: Sight) => readonly Order[];

const run = (unit: string, action: string, params: Readonly<Record<string, string | boolean>>): Order => ({
  ...({ do: "run", unit, action } as const),
  params,
});

/** By the words of the status; the groups of the expression are handed on. */
const remedies: readonly (readonly [RegExp, Remedy])[] = [
  [
    /run on the (?:healthy side|primary cluster): rejoin-cluster cluster-name=(\S+)/,
    ({ state, model, match: [, name = ""] }) => {
      if (isRefused(state, "To give them up: remove the relation")) return relationsOf(state, model);
      const healthy = writingSites(state).find((model) => model.name !== name);
      return healthy === undefined
        ? []
        : [run(leaderOf(healthy), "rejoin-cluster", { "cluster-name": name })];
    },
  ],
  [/run recreate-cluster on the leader/, ({ model }) => [run(leaderOf(model), "recreate-cluster", {})]],
  [
    /promote-standby-cluster force=true cluster-set-name=(\S+)/,
    ({ model, match: [, name = ""] }) => [
      run(leaderOf(model), "promote-standby-cluster", { force: true, "cluster-set-name": name }),
    ],
  ],
  [
    /on the leader: promote-standby-cluster cluster-set-name=(\S+)/,
    ({ model, match: [, name = ""] }) => [
      run(leaderOf(model), "promote-standby-cluster", { "cluster-set-name": name }),
    ],
  ],
  [
    /run (\S+\/\d+) promote-to-primary scope=unit force=true/,
    ({ match: [, unit = ""] }) => [run(unit, "promote-to-primary", { scope: "unit", force: true })],
  ],
  [
    /run promote-to-primary scope=unit force=true on the unit to keep/,
    ({ unit }) => [run(unit, "promote-to-primary", { scope: "unit", force: true })],
  ],
  [
    /then replace this unit by a new one/,
    ({ unit, model }) => [
      { do: "remove-unit", unit },
      { do: "add-unit", site: model.name },
    ],
  ],
  [
    /^A standby cannot have a standby: remove the relation/,
    ({ state, model }) =>
      relatedWith(state, model)
        .filter(({ standby }) => !areInOneSet(state, model, standby))
        .slice(0, 1),
  ],
  [/remove (?:the relation|one of the relations)/, ({ state, model }) => relationsOf(state, model)],
  [
    /writes are fenced; resume with unfence-writes/,
    ({ state, model }) => [
      run(leaderOf(model), "unfence-writes", { "cluster-set-name": setName(state, model) }),
    ],
  ],
];

/** Whether the last action that an operator ran was refused with these words. */
function isRefused({ juju }: ExploreState, words: string): boolean {
  const tasks = Object.values(juju.models).flatMap(({ tasks: all }) => Object.values(all));
  return tasks.some(({ status, message }) => status === "failed" && message.includes(words));
}

/** The orders that the statuses of this world call for; none when nobody is blocked. */
export function called(state: ExploreState): readonly Order[] {
  for (const model of Object.values(state.juju.models)) {
    for (const unit of Object.values(model.units)) {
      const orders = ordersOf(state, model, unit.name, unit.workload.message);
      if (orders.length > 0) return orders;
    }
    for (const { status } of Object.values(model.applications)) {
      const orders = ordersOf(state, model, leaderOf(model), status?.message ?? "");
      if (orders.length > 0) return orders;
    }
  }
  return [];
}

function ordersOf(state: ExploreState, model: Model, unit: string, message: string): readonly Order[] {
  for (const [words, remedy] of remedies) {
    const match = words.exec(message);
    if (match !== null) return remedy({ state, model, unit, match });
  }
  return [];
}

function leaderOf(model: Model): string {
  return model.applications[model.name]?.leader ?? `${model.name}/0`;
}

function writingSites(state: ExploreState): readonly Model[] {
  const writers = writersOf(state);
  return Object.values(state.juju.models).filter((model) =>
    Object.values(model.units).some((unit) => writers.includes(hostOf(model, unit.machine))),
  );
}

function relationsOf(state: ExploreState, model: Model): readonly Order[] {
  return relatedWith(state, model).slice(0, 1);
}

type Part = Extract<Order, { readonly do: "part" }>;

/** The relations that the site takes part in, from either side. */
function relatedWith({ juju }: ExploreState, { name }: Model): readonly Part[] {
  const pairs = Object.values(juju.models).flatMap(({ name: standby, relations, remotes }) =>
    Object.values(relations)
      .flatMap(({ endpoints }) => endpoints.map(({ application }) => application))
      .filter((application) => remotes[application]?.side === "consumed")
      .map((primary) => ({ do: "part", standby, primary }) as const),
  );
  return pairs.filter(({ standby, primary }) => standby === name || primary === name);
}

function areInOneSet(state: ExploreState, one: Model, site: string): boolean {
  const { [site]: other } = state.juju.models;
  return other !== undefined && setName(state, one) === setName(state, other);
}

/** The set that the site's own servers tell of. */
function setName({ mysql }: ExploreState, model: Model): string {
  const sets = Object.values(model.units).map((unit) => setOf(mysql, hostOf(model, unit.machine)));
  return sets.find((set) => set !== undefined)?.domain ?? "";
}
