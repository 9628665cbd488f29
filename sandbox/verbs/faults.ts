// Verbs that make things go wrong on purpose, or right again.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { notFound, Refusal } from "../juju/operations/refusal.ts";
import type { Session, VerbTable } from "../session.ts";

export const faultVerbs: VerbTable = {
  "kill-dispatch": { usage: "<unit>", about: "Kills what a unit is running right now.", run: killDispatch },
  "move-leader": {
    usage: "<unit>",
    about: "Takes the lead from its holder and gives it to this unit.",
    run: moveLeader,
  },
  "power-off": {
    usage: "<machine>",
    about: "Cuts the power of a machine.",
    run: (session, line) => power(session, line, { graceful: false, up: false }),
  },
  "power-on": {
    usage: "<machine>",
    about: "Boots a machine that is off.",
    run: (session, line) => power(session, line, { graceful: false, up: true }),
  },
  reboot: {
    usage: "<machine>",
    about: "Shuts a machine down and boots it again.",
    run: (session, line) => power(session, line, { graceful: true, up: true }),
  },
};

function killDispatch(session: Session, { args }: ParsedLine): void {
  const [name] = args;
  if (name === undefined) throw new UsageError("no unit specified");
  const model = session.model();
  const unit = unitNamed(model, name);
  if (session.fleet.agentOf(model, unit.name)?.killProgram() !== true)
    throw new Refusal(`${unit.name} is not running anything`);
}

function moveLeader(session: Session, { args }: ParsedLine): void {
  const [name] = args;
  if (name === undefined) throw new UsageError("no unit specified");
  const model = session.model();
  const unit = unitNamed(model, name);
  session.fleet.elections.depose(model, applicationNamed(model, unit.application), unit.name);
}

async function power(
  session: Session,
  { args }: ParsedLine,
  how: { graceful: boolean; up: boolean },
): Promise<void> {
  const [id] = args;
  if (id === undefined) throw new UsageError("no machine specified");
  const model = session.model();
  if (model.machines[id] === undefined) throw notFound("machine", id, Object.keys(model.machines));
  await session.fleet.restart(model, id, how);
}
