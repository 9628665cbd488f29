// Sets of transactions. Every origin counts its own from 1 without gaps, so a set is how far it goes for each.

export type Executed = Record<string, number>;

/** As MySQL writes it, in order of the origins. */
export function gtidText(set: Executed): string {
  const parts = Object.entries(set).filter(([, count]) => count > 0);
  return parts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([origin, count]) => `${origin}:1-${count}`)
    .join(",");
}

/** Of what gtidText() wrote, also of several such texts in one list. */
export function parseGtids(text: string): Executed {
  const set: Executed = {};
  for (const part of text.split(",").filter((each) => each !== "")) {
    const match = /^(.+):1-(\d+)$/.exec(part);
    if (match?.[1] === undefined) throw new Error(`the model cannot read the transactions ${part}`);
    set[match[1]] = Math.max(set[match[1]] ?? 0, Number(match[2]));
  }
  return set;
}

export function isSubset(part: Executed, whole: Executed): boolean {
  return Object.entries(part).every(([origin, count]) => count <= (whole[origin] ?? 0));
}

export function union(a: Executed, b: Executed): Executed {
  const both = { ...a };
  for (const [origin, count] of Object.entries(b)) both[origin] = Math.max(both[origin] ?? 0, count);
  return both;
}

/** What the first has and the second lacks, as MySQL writes it. */
export function subtractText(set: Executed, minus: Executed): string {
  const parts = Object.entries(set).flatMap(([origin, count]) => {
    const from = (minus[origin] ?? 0) + 1;
    return count < from ? [] : [`${origin}:${from}-${count}`];
  });
  return parts.sort().join(",");
}
