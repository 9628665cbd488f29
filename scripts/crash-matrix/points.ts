// The points of a journey: after which effects of which runs a dispatch, or its machine, can be killed with a difference. Pure.

/** Who is struck: the unit that leads at first, the standby's, the one that is added, or one that stands alone. */
export const roles = ["first", "second", "newcomer", "solo"] as const;
export type Role = (typeof roles)[number];

/** The dispatch is killed before or after the effect, or before it with the power of its leader's machine. */
export const kills = ["before", "after", "power"] as const;
export type Kill = (typeof kills)[number];

/** What a unit's run did, as the sandbox counted it (docs/reference/faults.md). */
export interface Effect {
  readonly role: Role;
  /** Name of the hook or action, `run-commands` for the end of a job, `job` for what runs outside of a hook. */
  readonly run: string;
  /** Its number among the effects of all runs of that name in the journey, from 1. */
  readonly n: number;
  readonly label: string;
  /** When it was about to happen, in ms since 1970. */
  readonly at: number;
}

export interface Point {
  readonly journey: string;
  readonly role: Role;
  readonly run: string;
  readonly n: number;
  readonly kill: Kill;
}

/** As `debug-log --date --ms --utc` tells it. */
const LINE = /^\S+ (\S+) (\S+) \S+ sandbox\.fault \d+: (.*) \(([a-z0-9-]+)\)$/;
const STARTS_DISPATCH = /^run \S+\/charm\/dispatch$/;
/** What later runs, other units or servers can find, by the first words of an effect's label. */
const CHANGES = /^(?:open|write|rename|remove|make|mode|owner|mount|unmount|signal|send) /;
/**
 * What nobody finds again: a killed run's own folders of secrets and the lock of snapd, which goes with its holder; what a job
 * prints, which only tells how far it is; and a statement that only reads.
 */
const LEAVES_NOTHING = /^\w+ (?:\/tmp\/|\/run\/snapd\.lock|\S+\/jobs\/[^/]+\/output$)|: encrypted, reads$/;

/** What is made of one piece: the data directory, in which the server's own program writes thousands of times. */
const DATA = /^\w+ (\/var\/snap\/[^/]+\/common\/var\/lib\/)/;
/** The same holds for what snapd does, which outside is a daemon: it goes on, or undoes it, when who asked for it is killed. */
const SNAPD_BEGINS = /^open \/run\/snapd\.lock$/;
const SNAPD_ENDS = /^end \/usr\/bin\/flock$/;
/** A run of MySQL Shell is one effect of the charm's, unless one wants to look inside. A job's is begun by a hook. */
const SHELL_BEGINS = /^run \S*\bmysqlsh$/;
const SHELL_ENDS = /^end \S*\bjuju-sandbox-node$/;

/** The effects that a unit's log tells of, in their order. */
export function effectsIn(log: readonly string[], role: Role): readonly Effect[] {
  const counts = new Map<string, number>();
  return log.flatMap((line) => {
    const [, day, clock, label, run] = LINE.exec(line) ?? [];
    if (label === undefined || run === undefined) return [];
    const n = (counts.get(run) ?? 0) + 1;
    counts.set(run, n);
    return [{ role, run, n, label, at: Date.parse(`${day}T${clock}Z`) }];
  });
}

/** Whether something outside of the run is another one after this effect, also when the run is killed right then. */
function changes({ label }: Effect): boolean {
  // Hook commands are no changes: they read, show something to people, or are kept back by Juju until the hook succeeds.
  return CHANGES.test(label) && !LEAVES_NOTHING.test(label);
}

/** Which effects are struck: all, or those that differ, with or without what MySQL Shell does in a run. */
export type Grain = "every" | "inside" | "runs";

/**
 * Of effects before which a kill leaves the same behind, the first: a dispatch's first one, and each that follows a change.
 * Killed after an effect is killed before the next one. Every run ends with an effect that changes nothing, so what all its
 * changes leave without its being committed is among them.
 */
export function distinct(effects: readonly Effect[], grain: Exclude<Grain, "every">): readonly Effect[] {
  const last = new Map<string, InPiece>();
  return effects.filter((effect) => {
    const of = `${effect.role} ${effect.run}`;
    const before = last.get(of);
    const piece = pieceOf(effect, before?.piece, grain);
    const isSame = piece !== undefined && before?.piece === piece;
    last.set(of, { piece, changed: changes(effect) || (isSame && before.changed) });
    if (before === undefined || STARTS_DISPATCH.test(effect.label)) return true;
    return before.changed && !isSame;
  });
}

/** The piece that an effect is part of, and whether anything has changed in it so far, or by an effect that is in none. */
interface InPiece {
  readonly piece: string | undefined;
  readonly changed: boolean;
}

function pieceOf({ label, run }: Effect, before: string | undefined, grain: Grain): string | undefined {
  if (SNAPD_BEGINS.test(label) || (before === "snapd" && !SNAPD_ENDS.test(label))) return "snapd";
  const isBegun = SHELL_BEGINS.test(label) || (run === "job" && label.startsWith("send "));
  if (grain === "runs" && (isBegun || before === "mysqlsh") && !SHELL_ENDS.test(label)) return "mysqlsh";
  return DATA.exec(label)?.[1];
}

/** The points at which a journey is to be struck: what makes a difference, or before and after each effect. */
export function pointsOf(journey: string, effects: readonly Effect[], grain: Grain): readonly Point[] {
  const struck = grain === "every" ? effects : distinct(effects, grain);
  const ways = grain === "every" ? kills : kills.filter((kill) => kill !== "after");
  return struck.flatMap(({ role, run, n }) => ways.map((kill) => ({ journey, role, run, n, kill })));
}

/** `relate/second/async-replica-relation-changed/17/before` */
export function nameOf({ journey, role, run, n, kill }: Point): string {
  return [journey, role, run, n, kill].join("/");
}

/** @throws Error for what names no point. */
export function pointNamed(name: string): Point {
  const [journey = "", role, run = "", n, kill, ...more] = name.split("/");
  const found = { role: roles.find((one) => one === role), kill: kills.find((one) => one === kill) };
  if (found.role === undefined || found.kill === undefined || !/^[1-9]\d*$/.test(n ?? "") || more.length > 0)
    throw new Error(`${JSON.stringify(name)} is no point: <journey>/<role>/<run>/<n>/<${kills.join("|")}>`);
  return { journey, role: found.role, run, n: Number(n), kill: found.kill };
}
