// Faults that strike inside a run of the charm: what is counted, and when one strikes. Pure but for the counts, which it keeps in the faults.
import { type Counted, describeFault, type Fault, type FaultState, type RunFault } from "./fault.ts";

/** The run that something is part of. */
export interface RunPlace {
  readonly model: string;
  readonly unit: string;
  /** Name of the hook or action, or what it is besides (see strikes.ts). */
  readonly run: string;
}

/** What befalls a run. */
export interface Blow {
  readonly kill: boolean;
  /** The lead goes to another unit first. */
  readonly depose: boolean;
  /** The highest count of a fault that counted this; 0 when none did. */
  readonly counted: number;
  /** Faults that have struck, for the log. */
  readonly struck: readonly string[];
}

/** The name of what a run left behind: it is seen only where that run was. */
export const LEFT_BEHIND = "job";

const NOTHING: Blow = { kill: false, depose: false, counted: 0, struck: [] };

/** Whether a fault waits for something in this run. */
function isAimed(fault: Fault, { model, unit, run }: RunPlace): fault is RunFault {
  if (!("aim" in fault)) return false;
  const { aim } = fault;
  return aim.model === model && aim.unit === unit && (aim.run === null || aim.run === run);
}

/** Whether effects of the unit's runs must be seen (see effects.ts). */
export function countsEffects(faults: readonly Fault[], place: RunPlace): boolean {
  const seen = [place, { ...place, run: LEFT_BEHIND }];
  return faults.some(
    (fault) =>
      seen.some((each) => isAimed(fault, each)) && fault.kind === "kill" && fault.counted === "effect",
  );
}

/**
 * Something of the run is about to happen, and is counted. A fault that strikes is over; one that kills after this waits
 * for the call of `past`.
 */
export function about(state: FaultState, place: RunPlace, counted: readonly Counted[]): Blow {
  let blow = NOTHING;
  state.faults = state.faults.flatMap((fault): readonly Fault[] => {
    if (!isAimed(fault, place) || fault.kind === "refuse-flush") return [fault];
    const isCounted = counted.includes(fault.kind === "kill" ? fault.counted : "command");
    // Its thing has passed without a call of `past`: this is the next one, and so the moment after.
    const isLate = isAfter(fault) && fault.seen === fault.n;
    if (!isCounted && !isLate) return [fault];
    const next = isCounted ? { ...fault, seen: fault.seen + 1 } : fault;
    if (isCounted) blow = { ...blow, counted: Math.max(blow.counted, next.seen) };
    if (!isLate && (isAfter(next) || next.seen !== next.n)) return [next];
    blow = struckBy(blow, next);
    return [];
  });
  return blow;
}

/** What was counted last has happened. Also to be called at the end of a run. */
export function past(state: FaultState, place: RunPlace): Blow {
  let blow = NOTHING;
  state.faults = state.faults.filter((fault) => {
    const strikes = isAimed(fault, place) && isAfter(fault) && fault.seen === fault.n && fault.n > 0;
    if (strikes) blow = struckBy(blow, fault);
    return !strikes;
  });
  return blow;
}

/** Whether a flush of the run is refused. */
export function refusesFlush(state: FaultState, place: RunPlace): boolean {
  const fault = state.faults.find((one) => isAimed(one, place) && one.kind === "refuse-flush");
  if (fault?.kind !== "refuse-flush") return false;
  const left = { ...fault, times: fault.times - 1 };
  state.faults = state.faults.flatMap((one) => (one !== fault ? [one] : left.times > 0 ? [left] : []));
  return true;
}

function isAfter(fault: Fault): fault is Extract<Fault, { readonly kind: "kill" }> {
  return fault.kind === "kill" && fault.after && fault.n > 0;
}

function struckBy(blow: Blow, fault: Fault): Blow {
  return {
    ...blow,
    kill: blow.kill || fault.kind === "kill",
    depose: blow.depose || fault.kind === "depose",
    struck: [...blow.struck, `fault ${fault.id} strikes: ${describeFault(fault)}`],
  };
}
