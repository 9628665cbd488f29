// Verbs that hit the runs of a unit: what it runs right now, or what it is going to run.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Aim } from "../faults/fault.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable } from "../session.ts";
import { format, inject } from "./faults.ts";
import { unitToBe } from "./places.ts";

const aimed = { ...format, run: { kind: "value" } } as const;

export const strikeVerbs: VerbTable = {
  "kill-dispatch": { usage: "<unit>", about: "Kills what a unit is running right now.", run: killDispatch },
  "move-leader": {
    usage: "<unit>",
    about: "Takes the lead from its holder and gives it to this unit.",
    run: moveLeader,
  },
  "kill-at": {
    usage: "<unit> --command <n> | --effect <n> [--after] [--run <hook or action>]",
    about: "Kills a unit's dispatch at its n-th hook command or effect from now on, before or after it.",
    example: "db/0 --effect 3 --run install",
    flags: { ...aimed, command: { kind: "value" }, effect: { kind: "value" }, after: { kind: "bool" } },
    run: killAt,
  },
  "count-effects": {
    usage: "<unit> [--run <hook or action>]",
    about: "Counts the effects of a unit's runs from now on; debug-log has each, faults the number.",
    flags: aimed,
    run: (session, line) =>
      void inject(session, line, {
        kind: "kill",
        aim: aimOf(session, line),
        counted: "effect",
        n: 0,
        after: false,
        seen: 0,
      }),
  },
  "depose-at": {
    usage: "<unit> --command <n> [--run <hook or action>]",
    about: "Takes the lead from a unit right before its n-th hook command from now on.",
    flags: { ...aimed, command: { kind: "value" } },
    run: deposeAt,
  },
  "refuse-flush": {
    usage: "<unit> [--times <n>] [--run <hook or action>]",
    about: "Refuses what the unit's next runs have written, as a controller that is away: they fail.",
    flags: { ...aimed, times: { kind: "value" } },
    run: refuseFlush,
  },
};

function killDispatch(session: Session, line: ParsedLine): void {
  const model = session.model();
  const unit = unitNamed(model, nameIn(line));
  if (session.fleet.agentOf(model, unit.name)?.killProgram() !== true)
    throw new Refusal(`${unit.name} is not running anything`);
}

function moveLeader(session: Session, line: ParsedLine): void {
  const model = session.model();
  const unit = unitNamed(model, nameIn(line));
  session.fleet.elections.depose(model, applicationNamed(model, unit.application), unit.name);
}

function killAt(session: Session, line: ParsedLine): void {
  const command = numberOf(line, "command");
  const effect = numberOf(line, "effect");
  const n = command ?? effect ?? 0;
  if ((command === undefined) === (effect === undefined) || n === 0)
    throw new UsageError("either --command <n> or --effect <n> is needed, from 1");
  const counted = command === undefined ? "effect" : "command";
  const after = isOn(line, "after");
  inject(session, line, { kind: "kill", aim: aimOf(session, line), counted, n, after, seen: 0 });
}

function deposeAt(session: Session, line: ParsedLine): void {
  const n = numberOf(line, "command") ?? 0;
  if (n === 0) throw new UsageError("--command <n> is needed, from 1");
  inject(session, line, { kind: "depose", aim: aimOf(session, line), n, seen: 0 });
}

function refuseFlush(session: Session, line: ParsedLine): void {
  const times = numberOf(line, "times") ?? 1;
  if (times === 0) throw new UsageError("--times is from 1");
  inject(session, line, { kind: "refuse-flush", aim: aimOf(session, line), times });
}

function aimOf(session: Session, line: ParsedLine): Aim {
  const model = session.model();
  return { model: model.name, unit: unitToBe(model, nameIn(line)), run: textOf(line, "run") ?? null };
}

function nameIn({ args }: ParsedLine): string {
  const [name, ...more] = args;
  if (name === undefined) throw new UsageError("no unit specified");
  if (more.length > 0) throw new UsageError(`unrecognized args: ${JSON.stringify(more)}`);
  return name;
}
