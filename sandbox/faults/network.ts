// What the faults in force mean for the network: for each machine, and between sites. Pure.
import type { Model } from "../../lib/juju/model.ts";
import { type NetworkFaults, NO_NETWORK_FAULTS } from "../machine/cable.ts";
import { type Fault, isAt, type Place } from "./fault.ts";

type Models = Readonly<Record<string, Model>>;
const EVERYWHERE = "0.0.0.0/0";

/** Pairs of site numbers between which the hub must drop everything. */
export function cutSites(faults: readonly Fault[], models: Models): readonly (readonly [number, number])[] {
  return faults.flatMap((fault) => {
    if (fault.kind !== "cut") return [];
    const { a, b } = fault;
    if (a.machine !== null) return [];
    const own = models[a.model]?.site;
    const others =
      b === null
        ? Object.values(models).filter(({ name }) => name !== a.model)
        : Object.values(models).filter(({ name }) => name === b.model && b.machine === null);
    return others.flatMap(({ site }) => (own === undefined ? [] : [[own, site] as const]));
  });
}

/** The network of one machine. A cut between machines makes each deaf to the other. */
export function networkOf(
  faults: readonly Fault[],
  models: Models,
  model: string,
  machine: string,
): NetworkFaults {
  const here = (place: Place | null): boolean => place !== null && isAt(place, model, machine);
  const deaf = new Set<string>();
  const late: { network: string; ms: number }[] = [];
  let linked = true;
  for (const fault of faults) {
    if (fault.kind === "slow" && here(fault.a)) {
      // Each packet passes two cables; that of the first place is the slow one.
      for (const network of farFrom(fault.a, fault.b, models)) late.push({ network, ms: fault.ms });
    } else if (fault.kind === "cut") {
      const { a, b } = fault;
      if (b === null) linked &&= !(here(a) && a.machine !== null);
      // Between whole sites it is the hub that drops.
      else if (a.machine !== null || b.machine !== null) {
        const others = [...(here(a) ? [b] : []), ...(here(b) ? [a] : [])];
        for (const network of others.flatMap((other) => networksOf(other, models))) deaf.add(network);
      }
    }
  }
  if (linked && deaf.size === 0 && late.length === 0) return NO_NETWORK_FAULTS;
  return { linked, deaf: [...deaf].sort(), late };
}

/** Whether a machine is cut off from everything, and so from the controller. A frozen or switched-off one is another matter. */
export function isCutOff(faults: readonly Fault[], model: string, machine: string): boolean {
  return faults.some((fault) => fault.kind === "cut" && fault.b === null && isAt(fault.a, model, machine));
}

function networksOf(place: Place, models: Models): readonly string[] {
  const model = models[place.model];
  if (model === undefined) return [];
  if (place.machine === null) return [`10.${model.site}.0.0/24`];
  const address = model.machines[place.machine]?.address;
  return address === undefined ? [] : [`${address}/32`];
}

/** The machines of a site that is slow to everything are as near to each other as before. */
function farFrom(a: Place, b: Place | null, models: Models): readonly string[] {
  if (b !== null) return networksOf(b, models);
  if (a.machine !== null) return [EVERYWHERE];
  return Object.values(models)
    .filter(({ name }) => name !== a.model)
    .map(({ site }) => `10.${site}.0.0/24`);
}
