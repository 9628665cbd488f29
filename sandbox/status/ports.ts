// The ports of a unit in the column of `juju status`: neighbours as a range, the protocol once. Pure.

/** `["80/tcp", "81/tcp", "3306/tcp", "53/udp"]` → `80-81,3306/tcp 53/udp`. */
export function portsText(ports: readonly string[]): string {
  const byProtocol = Map.groupBy(ports, (port) => port.split("/")[1] ?? "");
  return [...byProtocol]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([protocol, all]) => `${ranges(all.map((port) => port.split("/")[0] ?? "")).join(",")}/${protocol}`)
    .join(" ");
}

function ranges(numbers: readonly string[]): readonly string[] {
  const ranges: { first: string; last: string }[] = [];
  for (const number of numbers.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const before = ranges.at(-1);
    if (before !== undefined && Number(before.last) + 1 === Number(number)) before.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
}
