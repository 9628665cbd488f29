// Hostile values: texts that mean something to somebody, and valid values with one thing wrong.
import fc from "fast-check";

/** What a shell, SQL, a path, JavaScript, JSON, a terminal or a careless number would take for more than text. */
export const hostileTexts: readonly string[] = [
  "",
  " ",
  "\u0000",
  "rome\u0000",
  "\u001b]0;title\u0007\u001b[2J",
  "line\nof its own",
  "\r\n",
  "'; DROP DATABASE mysql; -- ",
  "x\\'; DROP USER root; #",
  "x'); import os; os.system('id')",
  "$(touch /tmp/fuzzed)",
  "`id`",
  "; id |",
  "../../../etc/passwd",
  "/etc/shadow",
  "-rf",
  "--force",
  "--execute=\\js",
  "{",
  "}",
  "%s%n%00",
  "r\u043eme",
  "rome\u200b",
  "\u202eemor",
  "ＲＯＭＥ",
  "\ud800",
  "10.0.0.1\n127.0.0.1 elsewhere",
  "root:pw@elsewhere:3306",
  "elsewhere:3306/schema?x=y",
  "[::1]",
  "0x7f000001",
  "localhost",
  "*",
  "1e309",
  "-1",
  "9".repeat(400),
  "NaN",
  "null",
  "true",
  "False",
  "[]",
  '{"a":{"b":[]}}',
  "[".repeat(50_000),
  '{"names":["a"],"names":["b"],"address":"192.0.2.1"}',
  '{"__proto__":{"polluted":true}}',
  "__proto__",
  "constructor",
  "toString",
  "x".repeat(1_000_000),
  "é".repeat(200_000),
];

const smallText = fc.string({ unit: "binary", maxLength: 40 });
const hostileText = fc.oneof(fc.constantFrom(...hostileTexts), smallText);

/** A valid text with something put in, left out, doubled or replaced, or another text. */
export function textLike(valid: string): fc.Arbitrary<string> {
  const at = fc.nat(valid.length);
  const short = hostileText.filter((text) => text.length < 1000);
  return fc.oneof(
    { weight: 2, arbitrary: hostileText },
    fc.tuple(at, short).map(([place, text]) => valid.slice(0, place) + text + valid.slice(place)),
    at.map((place) => valid.slice(0, place)),
    at.map((place) => valid.slice(0, place) + valid.slice(place + 1)),
    fc.constantFrom(valid + valid, valid.toUpperCase(), ` ${valid}`, `${valid}\n`, `"${valid}"`),
  );
}

export type Bag = Readonly<Record<string, string>>;

const ownNames = fc.constantFrom("__proto__", "constructor", "toString", "", "key with spaces", "k\u0000");

/** A valid bag with one or two keys gone, changed or added. */
export function bagLike(valid: Bag): fc.Arbitrary<Bag> {
  const keys = Object.keys(valid);
  const one = fc.oneof(
    ...keys.map((key) => textLike(valid[key] ?? "").map((value): [string, string] => [key, value])),
    ...keys.map((key) => fc.constant<[string, string]>([key, ""])),
    fc.tuple(ownNames, hostileText),
  );
  return fc
    .array(one, { minLength: 1, maxLength: 2 })
    .map((changes) => Object.fromEntries([...Object.entries(valid), ...changes]))
    .map(stored);
}

/** Juju keeps no empty values, and no empty keys. */
export function stored(bag: Bag): Bag {
  return Object.fromEntries(Object.entries(bag).filter(([key, value]) => key !== "" && value !== ""));
}

/** Of the names that Juju takes for the fields of a secret. */
export function secretLike(valid: Bag): fc.Arbitrary<Bag> {
  const isField = ([key]: readonly [string, string]): boolean => /^[a-z](?:-?[a-z0-9]){2,}$/.test(key);
  return bagLike(valid).map((bag) => Object.fromEntries(Object.entries(bag).filter(isField)));
}

const odd: readonly unknown[] = [null, 0, -1, 1.5, 1e308, true, false, [], {}, "", [[]], { toString: 1 }];
const oddValue = fc.oneof(fc.constantFrom(...odd), hostileText);

/** A valid JSON value with one part gone or replaced by another value. */
export function jsonLike(valid: unknown): fc.Arbitrary<unknown> {
  if (typeof valid !== "object" || valid === null) {
    return typeof valid === "string" ? fc.oneof(oddValue, textLike(valid)) : oddValue;
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(valid);
  const build = (changed: readonly (readonly [string, unknown])[]): unknown =>
    Array.isArray(valid) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
  const parts = entries.flatMap(([key, value]) => [
    fc.constant(build(entries.filter(([each]) => each !== key))),
    jsonLike(value).map((other) => build(entries.map(([each, old]) => [each, each === key ? other : old]))),
  ]);
  const added = fc.tuple(ownNames, oddValue).map((extra) => build([...entries, extra]));
  const many = fc.constant(build(Array.from({ length: 3000 }, (_, at) => [`k${at}`, entries[0]?.[1]])));
  return fc.oneof(oddValue, added, many, ...parts);
}

/** Text that is, or nearly is, the JSON of a value with something wrong. */
export function jsonTextLike(valid: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(valid);
  return fc.oneof(
    jsonLike(valid).map((value) => JSON.stringify(value) ?? ""),
    textLike(text),
  );
}
