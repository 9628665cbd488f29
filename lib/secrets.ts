// Values that must never be shown: the wrapper that hides them, the redaction of texts, and how ids compare.

import { inspect } from "node:util";

const hidden = "[secret]";
/** Shorter values would blot out ordinary words of every text. */
const shortestRedacted = 6;
const registered = new Set<string>();

/** Makes {@link redact} remove this value from every text, as it is and as JSON has it; values under 6 characters are left alone. */
export function registerSecret(value: string): void {
  if (value.length < shortestRedacted) return;
  registered.add(value);
  registered.add(JSON.stringify(value).slice(1, -1));
}

/** The text with every registered secret replaced. */
export function redact(text: string): string {
  let result = text;
  // Longest first: a secret may be a part of another one.
  for (const value of [...registered].sort((one, other) => other.length - one.length)) {
    result = result.replaceAll(value, hidden);
  }
  return result;
}

/** A value that prints as `[secret]` whatever prints it. Making one registers the value for redaction. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    registerSecret(value);
  }

  /** The value itself. Each caller must know that it goes nowhere it can be read. */
  reveal(): string {
    return this.#value;
  }

  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}

export type SecretContent = Readonly<Record<string, Secret>>;

/** Whether two contents hold the same keys and values. */
export function sameContent(one: SecretContent, other: SecretContent): boolean {
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => {
    const [mine, theirs] = [one[key], Object.hasOwn(other, key) ? other[key] : undefined];
    return mine !== undefined && theirs !== undefined && mine.equals(theirs);
  });
}

/** All spellings that Juju accepts: `<id>`, `secret:<id>`, `secret:<uuid>/<id>`, `secret://<uuid>/<id>`. */
const uriPattern = /^(?:secret:(?:\/\/)?)?(?:[0-9a-f-]{36}\/)?([0-9a-z]{20})$/;

/** The id within any spelling of a secret's URI, for comparing; a text that is no such URI comes back as it is. */
export function secretKey(uri: string): string {
  return uriPattern.exec(uri)?.[1] ?? uri;
}

/** Whether Juju would take this text as the URI of a secret. */
export function isSecretUri(uri: string): boolean {
  return uriPattern.test(uri);
}
