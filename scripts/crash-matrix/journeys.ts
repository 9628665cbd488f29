// The journeys: where each begins and ends, what a person does on it, whose dispatches are struck, and how its end is known.
import { type ActionOutcome, deploy, runAction } from "../demo/deployment.ts";
import type { Role } from "./points.ts";
import { FIRST, SECOND, SET_NAME, SOLO, type Stage } from "./stage.ts";

/** What the two clusters are to each other. `whole` has a second member in the first cluster. */
export type State =
  | "apart"
  | "first leads"
  | "second leads"
  | "failed over"
  | "invalidated"
  | "removed"
  | "whole";

/** How a state is known: what the units of an application say, in any order; and whose servers can be asked about it. */
interface Sign {
  readonly first: readonly RegExp[];
  readonly second: readonly RegExp[];
  readonly asked: readonly Role[];
  /** Whose servers have every row that the client was acknowledged: first the one that takes writes. */
  readonly holding: readonly Role[];
}

const primary = /^active: Primary$/;
const standby = /^active: Standby, \d+ s behind$/;
const both = ["first", "second"] as const;

export const states: Readonly<Record<State, Sign>> = {
  apart: { first: [primary], second: [primary], asked: both, holding: ["first"] },
  "first leads": { first: [primary], second: [standby], asked: both, holding: both },
  "second leads": { first: [standby], second: [primary], asked: both, holding: ["second", "first"] },
  "failed over": { first: [/^lost$/], second: [primary], asked: ["second"], holding: ["second"] },
  invalidated: {
    first: [
      /^blocked: Invalidated by a failover; run on the healthy side: rejoin-cluster cluster-name=roma$/,
    ],
    second: [primary],
    asked: both,
    holding: ["second"],
  },
  removed: {
    first: [primary],
    second: [/^blocked: Removed from its ClusterSet: run recreate-cluster on the leader, or relate again$/],
    asked: both,
    holding: ["first"],
  },
  whole: {
    first: [primary, /^active: $/],
    second: [standby],
    asked: ["first", "newcomer", "second"],
    holding: ["first", "newcomer", "second"],
  },
};

export interface Journey {
  readonly name: string;
  readonly from: State;
  readonly to: State;
  readonly struck: readonly Role[];
  /** What is done before anybody is struck. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** What a person does once. */
  readonly begin?: (stage: Stage) => Promise<unknown>;
  /** An action that a person runs again until it is done, or the end is reached. */
  readonly action?: (stage: Stage) => Promise<ActionOutcome>;
  /** What a person does as the statuses tell, when nothing goes on by itself. */
  readonly heeds?: (stage: Stage) => Promise<void>;
  /** How the end is known where the state is the same before: what this application's units say. */
  readonly sign?: { readonly of: Role; readonly shown: readonly RegExp[]; readonly asked: readonly Role[] };
  /** What is cleaned up after it. */
  readonly finish?: (stage: Stage) => Promise<void>;
}

const run = (stage: Stage, role: Role, ...action: readonly string[]): Promise<ActionOutcome> => {
  const { model, unit } = stage.unit(role);
  return runAction(stage.sandbox, model, unit, action);
};
const relation = ["-m", SECOND.model, FIRST.app, `${SECOND.app}:async-replica`] as const;
const promote = ["promote-standby-cluster", `cluster-set-name=${SET_NAME}`] as const;

export const journeys: readonly Journey[] = [
  {
    name: "deploy",
    ...{ from: "first leads", to: "first leads", struck: ["solo"] },
    begin: (stage) => stage.appoint("solo", () => deploy(stage.sandbox, stage.charm, SOLO)),
    sign: { of: "solo", shown: [primary], asked: ["solo"] },
    finish: removeSolo,
  },
  {
    name: "relate",
    ...{ from: "apart", to: "first leads", struck: both },
    begin: (stage) => stage.sandbox.mustJuju(["integrate", ...relation]),
    finish: (stage) => stage.clientUses(both),
  },
  {
    name: "switchover",
    ...{ from: "first leads", to: "second leads", struck: both },
    action: (stage) => run(stage, "second", ...promote),
  },
  {
    name: "switchback",
    ...{ from: "second leads", to: "first leads", struck: both },
    action: (stage) => run(stage, "first", ...promote),
  },
  {
    name: "failover",
    ...{ from: "first leads", to: "failed over", struck: ["second"] },
    prepare: async (stage) => {
      await stage.clientRests();
      await stage.sandbox.mustJuju(["power-off", FIRST.model]);
      await stage.clientGoesOn();
    },
    action: (stage) => run(stage, "second", ...promote, "force=true"),
    heeds: restart,
  },
  {
    name: "return",
    ...{ from: "failed over", to: "invalidated", struck: ["first"] },
    begin: (stage) => stage.sandbox.mustJuju(["power-on", FIRST.model]),
  },
  {
    name: "rejoin",
    ...{ from: "invalidated", to: "second leads", struck: both },
    action: (stage) => run(stage, "second", "rejoin-cluster", `cluster-name=${FIRST.cluster}`),
  },
  {
    name: "remove",
    ...{ from: "first leads", to: "removed", struck: both },
    prepare: (stage) => stage.clientUses(["first"]),
    begin: (stage) => stage.sandbox.mustJuju(["remove-relation", ...relation]),
  },
  {
    name: "relate-again",
    ...{ from: "removed", to: "first leads", struck: both },
    begin: (stage) => stage.sandbox.mustJuju(["integrate", ...relation]),
    finish: (stage) => stage.clientUses(both),
  },
  {
    name: "recreate",
    ...{ from: "removed", to: "apart", struck: ["second"] },
    action: (stage) => run(stage, "second", "recreate-cluster"),
    // As after its first deployment: a standby must have no databases.
    finish: async (stage) => {
      await stage.servers.ask(stage.unit("second"), "DROP DATABASE IF EXISTS demo");
    },
  },
  {
    name: "scale-up",
    ...{ from: "first leads", to: "whole", struck: ["first", "newcomer"] },
    begin: (stage) =>
      stage.appoint("newcomer", () => stage.sandbox.mustJuju(["add-unit", "-m", FIRST.model, FIRST.app])),
    // After a power cut it may be the one that takes the writes.
    finish: (stage) => stage.clientUses(["first", "newcomer", "second"]),
  },
  {
    name: "scale-down",
    ...{ from: "whole", to: "first leads", struck: ["first", "newcomer"] },
    begin: (stage) => {
      const { model, unit } = stage.unit("newcomer");
      return stage.sandbox.mustJuju(["remove-unit", "-m", model, unit, "--no-prompt"]);
    },
    finish: async (stage) => {
      stage.dismiss("newcomer");
      await stage.clientUses(both);
    },
  },
];

/** After an outage of the last cluster nobody but a person knows that the other one does not lead: the status says so. */
async function restart(stage: Stage): Promise<void> {
  const { applications } = await stage.sandbox.status(SECOND.model);
  const shown = applications[SECOND.app]?.["application-status"].message ?? "";
  if (!/may lead by now.*run \S+ promote-to-primary scope=unit force=true/.test(shown)) return;
  await run(stage, "second", "promote-to-primary", "scope=unit", "force=true");
}

async function removeSolo(stage: Stage): Promise<void> {
  await stage.sandbox.mustJuju([
    "remove-application",
    "-m",
    SOLO.model,
    SOLO.app,
    "--no-prompt",
    "--destroy-storage",
  ]);
  const isGone = await stage.until(async () => (await stage.shown("solo")).join() === "gone", 120_000);
  if (!isGone) throw new Error(`${SOLO.app} is not removed`);
  stage.dismiss("solo");
}

/** @throws Error for what is no journey. */
export function journeyNamed(name: string): Journey {
  const found = journeys.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no journey ${name}: ${journeys.map((one) => one.name).join(", ")}`);
}
