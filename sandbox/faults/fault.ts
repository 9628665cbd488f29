// The faults that a person has asked for and that are in force, as plain JSON. Pure.

/** A machine, or with null all machines of a model, that is: a site. */
export interface Place {
  readonly model: string;
  readonly machine: string | null;
}

/** What is counted: hook commands, or everything that a dispatch changes outside of itself (see effects.ts). */
export type Counted = "command" | "effect";

/** Which runs of a unit a fault is about. */
export interface Aim {
  readonly model: string;
  readonly unit: string;
  /** Name of the hook or action; null for every run. */
  readonly run: string | null;
}

type Kind =
  /** Kills the dispatch at the n-th thing that is counted, over all its runs since; n = 0 only counts. */
  | {
      readonly kind: "kill";
      readonly aim: Aim;
      readonly counted: Counted;
      readonly n: number;
      readonly after: boolean;
      readonly seen: number;
    }
  /** Takes the lead from the unit before its n-th hook command. */
  | { readonly kind: "depose"; readonly aim: Aim; readonly n: number; readonly seen: number }
  /** Refuses so many flushes, as a controller that is away. */
  | { readonly kind: "refuse-flush"; readonly aim: Aim; readonly times: number }
  | { readonly kind: "off" | "frozen"; readonly place: Place }
  /** Nothing passes between two places; with null, between one and all others, the controller among them. */
  | { readonly kind: "cut"; readonly a: Place; readonly b: Place | null }
  /** Each packet takes so many milliseconds longer on the way, in each direction. */
  | { readonly kind: "slow"; readonly a: Place; readonly b: Place | null; readonly ms: number };

export type Fault = Kind & { readonly id: string; readonly since: string };

/** Faults that wait for something that a dispatch does. */
export type RunFault = Extract<Fault, { readonly aim: Aim }>;

/** A fault before it has a number. */
export type NewFault = Kind;

/** What is kept of faults on disk. */
export interface FaultState {
  faults: Fault[];
  nextFault: number;
}

/** Puts a fault in force and returns it. */
export function addFault(state: FaultState, fault: NewFault, since: string): Fault {
  const added: Fault = { ...fault, id: String(state.nextFault++), since };
  state.faults.push(added);
  return added;
}

/** A machine that is gone takes its faults along. */
export function forgetMachine(state: FaultState, model: string, machine: string): void {
  state.faults = state.faults.filter(
    (fault) => !placesOf(fault).some((place) => place.model === model && place.machine === machine),
  );
}

/** A model that is gone takes all faults along that name it. */
export function forgetModel(state: FaultState, model: string): void {
  state.faults = state.faults.filter(
    (fault) =>
      !placesOf(fault).some((place) => place.model === model) &&
      !("aim" in fault && fault.aim.model === model),
  );
}

/** The places that a fault names. */
function placesOf(fault: Fault): readonly Place[] {
  if ("aim" in fault) return [];
  if ("place" in fault) return [fault.place];
  return fault.b === null ? [fault.a] : [fault.a, fault.b];
}

/** Whether a machine is without power. */
export function isOff(faults: readonly Fault[], model: string, machine: string): boolean {
  return faults.some((fault) => fault.kind === "off" && isAt(fault.place, model, machine));
}

export function isFrozen(faults: readonly Fault[], model: string, machine: string): boolean {
  return faults.some((fault) => fault.kind === "frozen" && isAt(fault.place, model, machine));
}

/** Whether a place is this machine or its site. */
export function isAt(place: Place, model: string, machine: string): boolean {
  return place.model === model && (place.machine === null || place.machine === machine);
}

/** `rome` or `rome:0`. */
function placeText({ model, machine }: Place): string {
  return machine === null ? model : `${model}:${machine}`;
}

/** One line for a person. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "kill": {
      const counted = fault.counted === "command" ? "hook command" : "effect";
      if (fault.n === 0) return `counts the ${counted}s of ${aimText(fault.aim)}: ${fault.seen} so far`;
      const when = fault.after ? "after" : "before";
      return `kills ${aimText(fault.aim)} ${when} ${counted} ${fault.n} (${fault.seen} so far)`;
    }
    case "depose":
      return `takes the lead from ${aimText(fault.aim)} before hook command ${fault.n} (${fault.seen} so far)`;
    case "refuse-flush":
      return `refuses the next ${fault.times === 1 ? "flush" : `${fault.times} flushes`} of ${aimText(fault.aim)}`;
    case "off":
      return `${placeText(fault.place)} is without power`;
    case "frozen":
      return `${placeText(fault.place)} is frozen`;
    case "cut":
      return `nothing passes ${betweenText(fault.a, fault.b)}`;
    case "slow":
      return `packets take ${fault.ms} ms longer ${betweenText(fault.a, fault.b)}`;
  }
}

function aimText({ model, unit, run }: Aim): string {
  return `${model}:${unit}${run === null ? "" : ` in ${run}`}`;
}

function betweenText(a: Place, b: Place | null): string {
  return `between ${placeText(a)} and ${b === null ? "everything else" : placeText(b)}`;
}
