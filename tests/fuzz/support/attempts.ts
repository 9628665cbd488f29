// How often something is tried at random, and what is told of a failure.
import fc from "fast-check";

/** On a busy machine less is tried, and nothing fails for that. */
const LONGEST_MS = 15_000;

/** FUZZ=20 tries twenty times as often, for as much longer; FUZZ_SEED repeats a failure. */
export function attempts(usual: number): fc.Parameters<unknown> {
  const seed = process.env["FUZZ_SEED"];
  const times = Number(process.env["FUZZ"] ?? 1);
  return {
    numRuns: usual * times,
    interruptAfterTimeLimit: LONGEST_MS * times,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}

/** Fails as fast-check would, with long texts cut: a value can be a megabyte long. */
export function report<T>(details: fc.RunDetails<T>): void {
  if (!details.failed) return;
  const told = fc.defaultReportMessage(details) ?? "";
  const cut = (text: string): string => text.replaceAll(/(.{1,3}?)\1{50,}/gsu, "$1…").slice(0, 6000);
  const cause = details.errorInstance;
  throw new Error(cut(`${told}\n${cause instanceof Error ? cause.stack : String(cause)}`));
}
