// What is wrong about a test's world, as sentences that say how to mend it.

/** Sentences, as they are found. */
export type Problems = Generator<string, void>;

/** A sentence for each value that is there more than once. */
export function* duplicates(values: readonly string[], tell: (value: string) => string): Problems {
  for (const value of new Set(values.filter((item, place) => values.indexOf(item) !== place)))
    yield tell(value);
}
