// The address of this unit: the first one of IPv4 that Juju knows. Those of IPv6 are not exchanged: the Python charm knows none.
import type { NetworkInfo, Outcome } from "../../lib/index.ts";
import type { Ports } from "../ports.ts";
import { statuses } from "../statuses.ts";
import { addressSchema } from "../wire/names.ts";
import { PEERS } from "../wire/peers.ts";

/** For units of the same model. */
export function boundAddress({ interfaces }: NetworkInfo): string | undefined {
  return firstOf(interfaces.flatMap(({ addresses }) => addresses.map(({ value }) => value)));
}

/** For other sites, which may have to take another way. */
export function ingressAddress(network: NetworkInfo): string | undefined {
  return firstOf(network.ingressAddresses) ?? boundAddress(network);
}

function firstOf(addresses: readonly string[]): string | undefined {
  return addresses.find((address) => addressSchema.safeParse(address).success);
}

/** A server without such an address works; no other can find it. */
export async function addressOutcome({ model }: Ports): Promise<Outcome> {
  const network = await model.network(PEERS);
  if (boundAddress(network) !== undefined) return { kind: "settled", row: "address is known", steps: [] };
  return { kind: "settled", row: "no address is known", status: statuses.noAddress, steps: [] };
}
