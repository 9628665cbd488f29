// The ports a unit is to have open: how they are written, and what must change to get there.

import type { OpenedPort } from "./hook-answers.ts";

type Protocol = "tcp" | "udp";

/** A number is a TCP port. */
export type Port = number | `${number}/${Protocol}` | `${number}-${number}/${Protocol}` | "icmp";

/** A port for all endpoints, or for some. */
export type PortWish<E extends string> = Port | { readonly port: Port; readonly endpoints: readonly E[] };

/** What is opened and closed; no endpoints stands for all. */
export interface PortChanges {
  readonly close: readonly OpenedPort[];
  readonly open: readonly OpenedPort[];
}

const everywhere = "*";

/** What must be closed first and opened then, so that exactly the wanted ports are open. */
export function portChanges(opened: readonly OpenedPort[], wanted: readonly PortWish<string>[]): PortChanges {
  const now = byRange(opened);
  const then = byRange(wanted.map(normalise));
  const close: OpenedPort[] = [];
  const open: OpenedPort[] = [];
  for (const range of new Set([...now.keys(), ...then.keys()])) {
    const before = now.get(range) ?? new Set();
    const after = then.get(range) ?? new Set();
    // Closing a range for all endpoints closes it for each of them.
    const all = before.has(everywhere) && !after.has(everywhere);
    const excess = all
      ? [everywhere]
      : after.has(everywhere)
        ? []
        : [...before].filter((name) => !after.has(name));
    const missing = after.has(everywhere)
      ? before.has(everywhere)
        ? []
        : [everywhere]
      : [...after].filter((name) => !before.has(name));
    if (excess.length > 0) close.push({ range, endpoints: namesOf(excess) });
    if (missing.length > 0) open.push({ range, endpoints: namesOf(missing) });
  }
  return { close, open };
}

function normalise(wish: PortWish<string>): OpenedPort {
  if (typeof wish === "object") return { range: rangeOf(wish.port), endpoints: wish.endpoints };
  return { range: rangeOf(wish), endpoints: [] };
}

function rangeOf(port: Port): string {
  return typeof port === "number" ? `${port}/tcp` : port;
}

function byRange(ports: readonly OpenedPort[]): Map<string, Set<string>> {
  const ranges = new Map<string, Set<string>>();
  for (const { range, endpoints } of ports) {
    const names = ranges.get(range) ?? new Set<string>();
    for (const name of endpoints.length === 0 ? [everywhere] : endpoints) names.add(name);
    ranges.set(range, names);
  }
  return ranges;
}

function namesOf(names: readonly string[]): readonly string[] {
  return names.includes(everywhere) ? [] : [...names].sort();
}
