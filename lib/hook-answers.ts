// How the JSON that hook commands print is read: every shape checked, nothing trusted to be there.

import type { NetworkInfo } from "./hook-tools.ts";

type Json = Readonly<Record<string, unknown>>;

/** A list of strings; Juju prints null for some empty lists. */
export function strings(answer: unknown): readonly string[] {
  return Array.isArray(answer) ? answer.filter((item) => typeof item === "string") : [];
}

/** The string values of a map. */
export function textMap(answer: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(object(answer)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(texts);
}

/** All that network-get tells of a binding. */
export function readNetwork(answer: unknown): NetworkInfo {
  const network = object(answer);
  const interfaces = list(network["bind-addresses"]).map((device) => ({
    name: text(device, "interface-name", "interfacename"),
    mac: text(device, "mac-address", "macaddress"),
    addresses: list(object(device)["addresses"] ?? object(device)["Addresses"]).map((address) => ({
      value: text(address, "value", "address"),
      cidr: text(address, "cidr"),
      hostname: text(address, "hostname"),
    })),
  }));
  const ingressAddresses = strings(network["ingress-addresses"]);
  const first = interfaces[0]?.addresses[0];
  return {
    ...(first === undefined || first.value === "" ? {} : { bindAddress: first.value }),
    ...(ingressAddresses[0] === undefined ? {} : { ingressAddress: ingressAddresses[0] }),
    ...(first === undefined || first.hostname === "" ? {} : { hostname: first.hostname }),
    interfaces,
    ingressAddresses,
    egressSubnets: strings(network["egress-subnets"]),
  };
}

/** Units of goal-state, each with its status. */
export function readGoalUnits(answer: unknown): Readonly<Record<string, string>> {
  const units = Object.entries(object(object(answer)["units"]));
  return Object.fromEntries(units.map(([unit, told]) => [unit, String(object(told)["status"] ?? "")]));
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text under the first of these keys that has one; empty when none has. */
function text(value: unknown, ...keys: readonly string[]): string {
  const found = keys.map((key) => object(value)[key]).find((each) => typeof each === "string");
  return typeof found === "string" ? found : "";
}
