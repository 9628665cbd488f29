// The loop at the heart of a charm: observe, decide by a table of rows, perform one step, observe again.

import { isDeepStrictEqual } from "node:util";
import type { Log } from "./log.ts";
import type { Status } from "./status.ts";

export interface ActVerdict<Step> {
  readonly kind: "act";
  readonly step: Step;
  /** Shown while the step runs. */
  readonly status?: Status | undefined;
}

export interface RestVerdict {
  /** wait: something else will move and wake us · stuck: a person must act · settled: nothing is left to do. */
  readonly kind: "wait" | "stuck" | "settled";
  readonly status?: Status | undefined;
}

/** What a row says once it applies. */
export type Verdict<Step> = ActVerdict<Step> | RestVerdict;

/** A verdict together with the name of the row that gave it. */
export type Decision<Step> =
  | (ActVerdict<Step> & { readonly row: string })
  | (RestVerdict & { readonly row: string });

/** One line of a decision table. Both functions are pure. */
export interface Row<Facts, Step> {
  readonly name: string;
  readonly when: (facts: Facts) => boolean;
  readonly then: (facts: Facts) => Verdict<Step>;
}

export function act<Step>(step: Step, status?: Status): ActVerdict<Step> {
  return status === undefined ? { kind: "act", step } : { kind: "act", step, status };
}

export function wait(status?: Status): RestVerdict {
  return rest("wait", status);
}

/** A person must act: the status says which command to type. */
export function stuck(status: Status): RestVerdict {
  return rest("stuck", status);
}

export function settled(status?: Status): RestVerdict {
  return rest("settled", status);
}

function rest(kind: RestVerdict["kind"], status: Status | undefined): RestVerdict {
  return status === undefined ? { kind } : { kind, status };
}

/** The verdict of the first row that applies; throws when none does, since a table must cover every case. */
export function decideBy<Facts, Step>(rows: readonly Row<Facts, Step>[], facts: Facts): Decision<Step> {
  const row = rows.find((candidate) => candidate.when(facts));
  if (row === undefined) {
    throw new Error(
      `no row of the decision table applies (rows: ${rows.map(({ name }) => name).join(", ")})`,
    );
  }
  return { ...row.then(facts), row: row.name };
}

/** One thing that is looked after: how to see it, what to do about it, how to do that. */
export interface Domain<Facts, Step> {
  readonly name: string;
  observe(): Promise<Facts>;
  decide(facts: Facts): Decision<Step>;
  /** Performs one step; safe to run again after a crash anywhere within. */
  perform(step: Step, facts: Facts): Promise<void>;
}

export interface ReconcilePorts {
  readonly log: Log;
  /** Shows a status at once, before a step that may take long. */
  showProgress(status: Status): Promise<void>;
  /** Bound on the steps of one pass; 20 unless told. */
  readonly maxSteps?: number;
}

export interface Outcome {
  readonly kind: RestVerdict["kind"];
  readonly row: string;
  readonly status?: Status | undefined;
  /** Names of the rows that acted, in order. */
  readonly steps: readonly string[];
}

/**
 * Runs a domain until a row rests. Throws when a step left the facts as they were and would run again, or
 * when the pass takes more steps than allowed: both mean that the table and the steps do not fit.
 */
export async function reconcile<Facts, Step>(
  domain: Domain<Facts, Step>,
  ports: ReconcilePorts,
): Promise<Outcome> {
  const { log, showProgress, maxSteps = 20 } = ports;
  const steps: string[] = [];
  let last: { readonly row: string; readonly step: Step; readonly facts: Facts } | undefined;
  let logged: string | undefined;
  while (true) {
    const facts = await domain.observe();
    const decision = domain.decide(facts);
    const isNews = decision.kind !== "settled" || steps.length > 0;
    if (isNews && decision.row !== logged)
      log.info(`${domain.name}: ${decision.row}`, { decision: decision.kind });
    logged = decision.row;
    if (decision.kind !== "act") return { ...rest(decision.kind, decision.status), row: decision.row, steps };
    const { row, step } = decision;
    if (last?.row === row && isDeepStrictEqual(last.step, step) && isDeepStrictEqual(last.facts, facts)) {
      throw new Error(`${domain.name}: step "${row}" changed nothing: it was performed and would be again`);
    }
    if (steps.length >= maxSteps) {
      throw new Error(
        `${domain.name}: no rest after ${maxSteps} steps (${steps.join(", ")}); next was "${row}"`,
      );
    }
    if (decision.status !== undefined) await showProgress(decision.status);
    await domain.perform(step, facts);
    steps.push(row);
    last = { row, step, facts };
  }
}
