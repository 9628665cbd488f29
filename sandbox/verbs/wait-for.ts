// The verb wait-for: returns when a question about an application, a unit, a machine or the model is answered yes.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { parseDuration } from "../../lib/juju/hook-commands/secret-values.ts";
import type { Model } from "../../lib/juju/model.ts";
import { timestamp } from "../juju/clock.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { type Session, textOf, type VerbTable, waitForState } from "../session.ts";
import { statusOf } from "../status/json.ts";
import type { StatusJson, UnitJson } from "../status/shape.ts";
import { compileQuery, type QueryScope } from "./query.ts";

export const waitVerbs: VerbTable = {
  "wait-for": {
    usage: "application|unit|machine|model <name> [--query '<condition>'] [--timeout <time>]",
    about: "Waits until a condition holds, ten minutes by default.",
    example: "application db --query 'status==\"active\"' --timeout 5m",
    flags: { query: { kind: "value" }, timeout: { kind: "value" }, summary: { kind: "bool" } },
    run: waitFor,
  },
};

interface Kind {
  readonly usual: string;
  readonly names: readonly string[];
}

const unitNames = [
  "leader",
  "machine-id",
  "public-address",
  "workload-status",
  "workload-message",
  "agent-status",
];

const kinds: Readonly<Record<string, Kind>> = {
  application: {
    usual: 'life=="alive" && status=="active"',
    names: ["name", "life", "status", "status-message", "workload-version", "units"],
  },
  unit: { usual: 'life=="alive" && workload-status=="active"', names: ["name", "life", ...unitNames] },
  machine: { usual: 'status=="started"', names: ["name", "life", "status"] },
  model: { usual: 'life=="alive" && status=="available"', names: ["name", "life", "status"] },
};

async function waitFor(session: Session, line: ParsedLine): Promise<number> {
  const [kind, name] = line.args;
  const known = Object.hasOwn(kinds, kind ?? "") ? kinds[kind ?? ""] : undefined;
  if (kind === undefined || known === undefined)
    throw new UsageError(`expected one of ${Object.keys(kinds).join(", ")} after wait-for`);
  if (name === undefined) throw new UsageError(`${kind} name must be supplied when waiting for a ${kind}`);
  const text = textOf(line, "timeout") ?? "10m";
  const limit = parseDuration(text);
  if (limit === undefined)
    throw new UsageError(`invalid value ${JSON.stringify(text)} for option --timeout: invalid duration`);
  const query = compileQuery(textOf(line, "query") ?? known.usual, known.names);
  const model = kind === "model" ? undefined : session.model();
  const scope = (): QueryScope | undefined => {
    const target = model ?? session.store.state.models[name];
    if (target === undefined) return undefined;
    return scopeOf(statusOf(session.store.state, target, timestamp(session.clock)), target, kind, name);
  };
  const tell = teller(session);
  const holds = (): boolean => {
    const found = scope();
    tell(found);
    return found !== undefined && query(found);
  };
  if (await waitForState(session, holds, limit)) return 0;
  const last = scope();
  throw new Refusal(
    `timed out waiting for ${kind} ${JSON.stringify(name)} after ${text}: it is ${last === undefined ? "not there" : standing(last)}`,
  );
}

/** Says on standard error how it stands with what is waited for, each time that it changes. */
function teller({ screen, clock }: Session): (scope: QueryScope | undefined) => void {
  let told = "";
  return (scope) => {
    const now = scope === undefined ? "not there yet" : `${String(scope["name"])} ${standing(scope)}`;
    if (now === told) return;
    told = now;
    screen.err(`${timestamp(clock).slice(11, 19)} ${now}\n`);
  };
}

/** `waiting: for a friend (1 of 3 units active)`. */
function standing(scope: QueryScope): string {
  const status = String(scope["workload-status"] ?? scope["status"] ?? "");
  const message = String(scope["workload-message"] ?? scope["status-message"] ?? "");
  const units: readonly QueryScope[] = Array.isArray(scope["units"]) ? scope["units"] : [];
  const ready = units.filter((unit) => unit["workload-status"] === "active").length;
  const life = scope["life"] === "alive" ? "" : `, ${String(scope["life"])}`;
  const rest = ready === units.length ? "" : ` (${ready} of ${units.length} units active)`;
  return `${status}${message === "" ? "" : `: ${message}`}${rest}${life}`;
}

function scopeOf(status: StatusJson, model: Model, kind: string, name: string): QueryScope | undefined {
  if (kind === "model") return { name, life: "alive", status: status.model["model-status"].current };
  if (kind === "machine") {
    const machine = status.machines[name];
    return machine === undefined
      ? undefined
      : { name, life: "alive", status: machine["juju-status"].current };
  }
  if (kind === "unit") {
    for (const application of Object.values(status.applications)) {
      const unit = application.units?.[name];
      if (unit !== undefined) return unitScope(model, name, unit);
    }
    return undefined;
  }
  const application = status.applications[name];
  if (application === undefined) return undefined;
  return {
    name,
    life: model.applications[name]?.life ?? "dead",
    status: application["application-status"].current,
    "status-message": application["application-status"].message ?? "",
    "workload-version": application.version ?? "",
    units: Object.entries(application.units ?? {}).map(([unit, shown]) => unitScope(model, unit, shown)),
  };
}

function unitScope(model: Model, name: string, unit: UnitJson): QueryScope {
  return {
    name,
    life: model.units[name]?.life ?? "dead",
    leader: unit.leader ?? false,
    "machine-id": unit.machine,
    "public-address": unit["public-address"],
    "workload-status": unit["workload-status"].current,
    "workload-message": unit["workload-status"].message ?? "",
    "agent-status": unit["juju-status"].current,
  };
}
