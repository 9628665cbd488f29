// Verbs that make machines and networks fail, list what is in force, and heal it.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model } from "../../lib/juju/model.ts";
import { addFault, describeFault, type Fault, isAt, type NewFault, type Place } from "../faults/fault.ts";
import { timestamp } from "../juju/clock.ts";
import { notFound, Refusal } from "../juju/operations/refusal.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable } from "../session.ts";
import { columns, table } from "../status/table.ts";
import { placeNamed } from "./places.ts";

export const format = { format: { kind: "value" } } as const;

export const faultVerbs: VerbTable = {
  "power-off": {
    usage: "<machine, unit or model> ...",
    about: "Cuts the power: everything that runs there is gone at once, files stay.",
    example: "db/1",
    flags: format,
    run: (session, line) => strikePlaces(session, line, "off"),
  },
  "power-on": {
    usage: "<machine, unit or model> ...",
    about: "Boots what power-off has taken down.",
    flags: format,
    run: (session, line) => release(session, line, "off"),
  },
  reboot: {
    usage: "<machine or unit> [--hard]",
    about: "Shuts a machine down (--hard: cuts its power) and boots it again.",
    example: "db/1 --hard",
    flags: { hard: { kind: "bool" } },
    run: reboot,
  },
  freeze: {
    usage: "<machine, unit or model> ...",
    about: "Stops everything that runs there in the middle of what it does, as a paused virtual machine.",
    flags: format,
    run: (session, line) => strikePlaces(session, line, "frozen"),
  },
  thaw: {
    usage: "<machine, unit or model> ...",
    about: "Lets what was frozen go on.",
    flags: format,
    run: (session, line) => release(session, line, "frozen"),
  },
  cut: {
    usage: "<place> [<place>]",
    about: "Lets no packet pass between two machines or models, or between one and everything else.",
    example: "rome lisbon",
    flags: format,
    run: cut,
  },
  slow: {
    usage: "<place> [<place>] --delay <milliseconds>",
    about: "Makes packets late between two machines or models, or between one and everything else.",
    example: "rome lisbon --delay 200",
    flags: { ...format, delay: { kind: "value" } },
    run: slow,
  },
  faults: { usage: "", about: "Lists the faults in force.", flags: format, run: list },
  heal: {
    usage: "<fault> ... | --all",
    about: "Ends faults by their numbers: heals networks, thaws, powers on, disarms.",
    example: "--all",
    flags: { ...format, all: { kind: "bool" } },
    run: heal,
  },
};

async function strikePlaces(session: Session, line: ParsedLine, kind: "off" | "frozen"): Promise<void> {
  const { faults } = session.store.state;
  const places = placesIn(session, line);
  for (const place of places) {
    const known = faults.find((fault) => fault.kind === kind && isSame(fault.place, place));
    if (known !== undefined) throw new Refusal(`${describeFault(known)} already: fault ${known.id}`);
  }
  for (const place of places) inject(session, line, { kind, place });
  await settle(session);
}

async function release(session: Session, line: ParsedLine, kind: "off" | "frozen"): Promise<void> {
  const { faults } = session.store.state;
  for (const place of placesIn(session, line)) {
    const known = faults.filter((fault) => fault.kind === kind && isSame(fault.place, place));
    const around = faults.find(
      (fault) =>
        fault.kind === kind && place.machine !== null && isAt(fault.place, place.model, place.machine),
    );
    if (known.length === 0 && around !== undefined)
      throw new Refusal(`${describeFault(around)} as a whole: heal fault ${around.id}`);
    if (known.length === 0) throw new Refusal(`${place.model}:${place.machine ?? "*"} is not ${kind}`);
    end(session, line, known);
  }
  await settle(session);
}

async function reboot(session: Session, line: ParsedLine): Promise<void> {
  for (const { model: name, machine } of placesIn(session, line)) {
    const model = session.store.state.models[name];
    if (model === undefined || machine === null) throw new UsageError("name a machine or a unit");
    if (!session.fleet.isInContact(model, machine))
      throw new Refusal(`machine ${machine} is not running or cannot be reached`);
    await session.fleet.restart(model, machine, { graceful: !isOn(line, "hard") });
  }
}

async function cut(session: Session, line: ParsedLine): Promise<void> {
  const [a, b] = twoPlaces(session, line);
  inject(session, line, { kind: "cut", a, b });
  await settle(session);
}

async function slow(session: Session, line: ParsedLine): Promise<void> {
  const ms = numberOf(line, "delay");
  if (ms === undefined || ms === 0) throw new UsageError("--delay <milliseconds> is needed");
  const [a, b] = twoPlaces(session, line);
  inject(session, line, { kind: "slow", a, b, ms });
  await settle(session);
}

function list({ store, screen }: Session, line: ParsedLine): void {
  const { faults } = store.state;
  const rows = faults.map((fault) => [fault.id, fault.kind, describeFault(fault)]);
  if (textOf(line, "format") === "json") screen.out(`${JSON.stringify(faults)}\n`);
  else if (rows.length === 0) screen.err("No faults are in force.\n");
  else screen.out(table(columns("Fault", "Kind", "What"), rows, screen.columns));
}

async function heal(session: Session, line: ParsedLine): Promise<void> {
  const { faults } = session.store.state;
  if (!isOn(line, "all") && line.args.length === 0) throw new UsageError("no fault specified; --all for all");
  const named = line.args.map((id) => {
    const fault = faults.find((one) => one.id === id);
    if (fault !== undefined) return fault;
    throw notFound(
      "fault",
      id,
      faults.map((one) => one.id),
    );
  });
  end(session, line, isOn(line, "all") ? faults : named);
  await settle(session);
}

/** Puts a fault in force, tells the person, and returns it. */
export function inject({ store, screen, clock }: Session, line: ParsedLine, fault: NewFault): Fault {
  const added = addFault(store.state, fault, timestamp(clock));
  store.changed();
  const isJson = textOf(line, "format") === "json";
  screen.out(isJson ? `${JSON.stringify(added)}\n` : `fault ${added.id}: ${describeFault(added)}\n`);
  return added;
}

function end({ store, screen }: Session, line: ParsedLine, over: readonly Fault[]): void {
  store.state.faults = store.state.faults.filter((fault) => !over.includes(fault));
  store.changed();
  if (textOf(line, "format") === "json") screen.out(`${JSON.stringify(over)}\n`);
  else for (const fault of over) screen.out(`over is fault ${fault.id}: ${describeFault(fault)}\n`);
}

/** What is to be in force is on disk before it is done. */
async function settle({ store, fleet }: Session): Promise<void> {
  await store.saved();
  await fleet.applyFaults();
}

function placesIn(session: Session, { args }: ParsedLine): readonly Place[] {
  if (args.length === 0) throw new UsageError("no machine specified");
  const model = (): Model => session.model();
  return args.map((text) => placeNamed(session.store.state, model, text));
}

function twoPlaces(session: Session, line: ParsedLine): readonly [Place, Place | null] {
  const [a, b, ...more] = placesIn(session, line);
  if (a === undefined || more.length > 0) throw new UsageError("one or two places are needed");
  if (
    b !== undefined &&
    a.model === b.model &&
    (a.machine === b.machine || b.machine === null || a.machine === null)
  )
    throw new Refusal("these are not two places that are apart");
  return [a, b ?? null];
}

function isSame(a: Place, b: Place): boolean {
  return a.model === b.model && a.machine === b.machine;
}
