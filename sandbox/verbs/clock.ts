// Verbs about time and chance: what they are, and moving a virtual clock.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { parseDuration } from "../../lib/juju/hook-commands/secret-values.ts";
import { timestamp } from "../juju/clock.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { VirtualClock } from "../juju/virtual-clock.ts";
import { type Session, textOf, type VerbTable } from "../session.ts";

const format = { format: { kind: "value" } } as const;

export const clockVerbs: VerbTable = {
  clock: {
    usage: "",
    about: "Shows the time of the sandbox, whether it is virtual, and the seed of all that is random.",
    flags: format,
    run: show,
  },
  advance: {
    usage: "<duration such as 5m>",
    about: "Moves a virtual clock from one timer to the next, each time until nothing happens any more.",
    flags: format,
    run: advance,
  },
};

function show({ store, clock, screen }: Session, line: ParsedLine): void {
  const kind = clock instanceof VirtualClock ? "virtual" : "real";
  const { seed } = store.state.chance ?? {};
  const now = timestamp(clock);
  if (textOf(line, "format") === "json") screen.out(`${JSON.stringify({ now, clock: kind, seed })}\n`);
  else screen.out(`${now} (${kind} clock, seed ${seed})\n`);
}

async function advance(session: Session, line: ParsedLine): Promise<void> {
  const { clock, store, fleet } = session;
  const [text = ""] = line.args;
  const duration = parseDuration(text);
  if (duration === undefined) throw new UsageError(`invalid duration ${JSON.stringify(text)}`);
  if (!(clock instanceof VirtualClock))
    throw new Refusal(
      "this sandbox has a real clock: start another with --virtual-clock before its first verb",
    );
  const end = clock.now() + duration;
  for (;;) {
    await fleet.untilQuiet();
    const next = clock.next();
    const moment = next === undefined || next > end ? end : next;
    clock.moveTo(moment);
    store.state.virtualNow = moment;
    store.changed();
    if (moment === end) break;
  }
  await fleet.untilQuiet();
  show(session, line);
}
