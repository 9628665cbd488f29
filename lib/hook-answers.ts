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

/** The first address of each sort that network-get knows. */
export function readNetwork(answer: unknown): NetworkInfo {
  const network = object(answer);
  const device = object(first(network["bind-addresses"]));
  const address = object(first(device["addresses"] ?? device["Addresses"]));
  const found = {
    bindAddress: address["value"] ?? address["address"],
    ingressAddress: first(network["ingress-addresses"]),
    hostname: address["hostname"],
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => typeof value === "string" && value !== ""),
  ) as NetworkInfo;
}

/** Units of goal-state, each with its status. */
export function readGoalUnits(answer: unknown): Readonly<Record<string, string>> {
  const units = Object.entries(object(object(answer)["units"]));
  return Object.fromEntries(units.map(([unit, told]) => [unit, String(object(told)["status"] ?? "")]));
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}
