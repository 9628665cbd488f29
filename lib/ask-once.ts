// Remembering answers for one hook: within a hook Juju would say the same again.

/** Computes at the first call; the result, or the failure, is everybody's. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}

/** The same by key. */
export function keyed<A extends readonly unknown[], T>(
  keyOf: (...args: A) => unknown,
  compute: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  const results = new Map<unknown, Promise<T>>();
  return (...args) => {
    const key = keyOf(...args);
    const known = results.get(key) ?? compute(...args);
    results.set(key, known);
    return known;
  };
}
