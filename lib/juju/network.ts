// What a unit is reached by at one of its bindings: the machine's own address unless a space gives others. Pure.
import type { HookContext } from "./hook-context.ts";
import { addressOf } from "./relations.ts";

export interface BoundInterface {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly BoundAddress[];
}

interface BoundAddress {
  readonly value: string;
  readonly cidr: string;
  readonly hostname: string;
}

export interface BoundNetwork {
  readonly interfaces: readonly BoundInterface[];
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
}

/** The network of a binding; every binding has the machine's own address where nothing else is known. */
export function networkOf(context: HookContext, binding: string): BoundNetwork {
  const given = context.world.networks?.get(binding);
  if (given !== undefined) return given;
  const value = addressOf(context.model, context.unit.name);
  const cidr = `${value.slice(0, value.lastIndexOf("."))}.0/24`;
  return {
    interfaces: [{ name: "eth0", mac: "", addresses: [{ value, cidr, hostname: "" }] }],
    ingress: [value],
    egress: [`${value}/32`],
  };
}
