// Refusals in Juju's words, followed by what would have been accepted.

/** Something asked for cannot be done; the message is for the person who asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** `application "x" not found (there are: a, b)`. */
export function notFound(kind: string, name: string, known: readonly string[]): Refusal {
  return new Refusal(`${kind} ${JSON.stringify(name)} not found${choices(known)}`);
}

/** Likewise, of what may be in another model: `unit "x/0" not found in model rome (there is: db/0)`. */
export function notFoundIn(
  model: { readonly name: string },
  kind: string,
  name: string,
  known: readonly string[],
): Refusal {
  return new Refusal(`${kind} ${JSON.stringify(name)} not found in model ${model.name}${choices(known)}`);
}

/** The valid choices, in brackets, for the end of a message. */
export function choices(known: readonly string[]): string {
  if (known.length === 0) return " (there are none)";
  return ` (there ${known.length === 1 ? "is" : "are"}: ${[...known].sort().join(", ")})`;
}
