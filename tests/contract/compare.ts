// Whether a command answered as a case says. Pure.
import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./case.ts";
import type { Observed } from "./script.ts";

/** What differs, in words; undefined when nothing does. */
export function difference(
  expected: Answer,
  observed: Observed | undefined,
  names: ReadonlyMap<string, string>,
): string | undefined {
  if (observed === undefined) return "it did not run";
  const code = expected.code ?? 0;
  const told = `exit code ${observed.code}, stdout ${quote(observed.stdout)}, stderr ${quote(observed.stderr)}`;
  if (observed.code !== code) return `expected exit code ${code}, but: ${told}`;
  const error = expected.error === undefined ? "" : withError(expected.error);
  if (!matches(error, observed.stderr, names)) return `expected stderr ${show(error, names)}, but: ${told}`;
  if ("json" in expected) {
    const json = fillDeep(expected.json, names);
    return isDeepStrictEqual(jsonOf(observed.stdout), json)
      ? undefined
      : `expected one line of JSON ${JSON.stringify(json)}, but: ${told}`;
  }
  const out = expected.out ?? "";
  return matches(out, observed.stdout, names)
    ? undefined
    : `expected stdout ${show(out, names)}, but: ${told}`;
}

function withError(error: string | RegExp): string | RegExp {
  return typeof error === "string" ? `ERROR ${error}\n` : error;
}

function matches(wanted: string | RegExp, text: string, names: ReadonlyMap<string, string>): boolean {
  return typeof wanted === "string" ? fill(wanted, names) === text : wanted.test(text);
}

/** A text with the values of its placeholders. */
function fill(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{([a-z][a-z-]*)\}/g, (whole, name: string) => names.get(name) ?? whole);
}

function fillDeep(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return fill(value, names);
  if (Array.isArray(value)) return value.map((item) => fillDeep(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fill(key, names), fillDeep(item, names)]),
  );
}

/** The value of one line of JSON; undefined when it is something else. */
function jsonOf(text: string): unknown {
  if (text.indexOf("\n") !== text.length - 1) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function show(wanted: string | RegExp, names: ReadonlyMap<string, string>): string {
  return typeof wanted === "string" ? quote(fill(wanted, names)) : String(wanted);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 600 ? `${text.slice(0, 600)}…` : text);
}
