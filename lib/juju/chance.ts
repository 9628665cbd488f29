// Chance that can be had again: what is drawn follows from a seed, what it is for, and how often it was drawn for that.
import { createHash, randomBytes } from "node:crypto";

/** As plain JSON, so that it goes on where it stopped. */
export interface ChanceState {
  readonly seed: number;
  /** Purpose → how often something was drawn for it. What is drawn for one does not depend on the others. */
  readonly drawn: Record<string, number>;
}

/** So many bytes, at most 32; from the system's own source when there is no seed. */
export function drawBytes(chance: ChanceState | undefined, purpose: string, count: number): Buffer {
  if (chance === undefined) return randomBytes(count);
  const before = chance.drawn[purpose] ?? 0;
  chance.drawn[purpose] = before + 1;
  return createHash("sha256").update(`${chance.seed}\n${purpose}\n${before}`).digest().subarray(0, count);
}

/** A number from 0 up to but not including 1. */
export function drawFraction(chance: ChanceState | undefined, purpose: string): number {
  return drawBytes(chance, purpose, 4).readUInt32BE() / 2 ** 32;
}

/** One of a list; undefined of an empty one. */
export function drawOne<T>(
  chance: ChanceState | undefined,
  purpose: string,
  list: readonly T[],
): T | undefined {
  return list[Math.floor(drawFraction(chance, purpose) * list.length)];
}
