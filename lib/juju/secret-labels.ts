// Which labels of secrets are free: owners and readers of one application share them. Pure (juju: state/secrets.go).
import { applicationOf, type Model, type SandboxState, type Secret } from "./model.ts";

type Holder = Secret["owner"];

/** Whether the holder may use the label, as an owner or as a reader, for a secret that has it not yet. */
export function isLabelFree(state: SandboxState, home: Model, holder: Holder, label: string): boolean {
  if (label === "") return true;
  const holders = holdersOf(state, home, label);
  return !holders.some((other) => isSame(other, holder) || isUnitAndApplication(other, holder));
}

/** Units of one application may use the same label, each for its own; the application itself may not. */
function isUnitAndApplication(one: Holder, other: Holder): boolean {
  if (one.kind === "unit" && other.kind === "application") return applicationOf(one.name) === other.name;
  return one.kind === "application" && other.kind === "unit" && applicationOf(other.name) === one.name;
}

const isSame = (one: Holder, other: Holder): boolean => one.kind === other.kind && one.name === other.name;

function holdersOf(state: SandboxState, home: Model, label: string): readonly Holder[] {
  const owners = Object.values(home.secrets).filter((secret) => secret.label === label);
  const readers = Object.values(state.models)
    .flatMap((model) => Object.values(model.secrets))
    .flatMap((secret) => Object.entries(secret.consumers))
    .filter(([key, consumer]) => consumer.label === label && key.startsWith(`${home.uuid}:`))
    .map(([key]) => ({ kind: "unit", name: key.slice(home.uuid.length + 1) }) as const);
  return [...owners.map(({ owner }) => owner), ...readers];
}
