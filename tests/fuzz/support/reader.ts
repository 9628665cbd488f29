// A place where the charm reads what somebody else wrote: how to put a value there, and what must come of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type fc from "fast-check";
import { expect } from "vitest";
import * as z from "zod";
import { expectHarmless, type Played } from "./harmless.ts";

interface ReaderParts<T> {
  /** Also of its file in the corpus. */
  readonly name: string;
  /** Whoever wrote it. */
  readonly from: string;
  /** The schemas of src/wire that it passes. */
  readonly schemas: readonly string[];
  readonly input: z.ZodType<T>;
  /** What it is when nothing is wrong with it. */
  readonly valid: T;
  readonly like: (valid: T) => fc.Arbitrary<T>;
  readonly play: (value: T) => Promise<Played>;
  /** What else must hold: what is refused is named, and nothing is done. */
  readonly also?: (value: T, played: Played) => void;
}

export interface Reader extends Pick<ReaderParts<unknown>, "name" | "from" | "schemas"> {
  readonly corpus: readonly Case[];
  readonly arbitrary: fc.Arbitrary<unknown>;
  run(value: unknown): Promise<void>;
  /** That the valid value is taken: without it nothing would be read at all. */
  runValid(): Promise<Played>;
}

export interface Case {
  readonly why: string;
  readonly value: unknown;
}

const corpusSchema = z.array(z.object({ why: z.string(), value: z.unknown() }));

/** `<<x*1000>>` within a text stands for a thousand x. */
function expand(text: string): string {
  return text.replaceAll(/<<(.+?)\*(\d+)>>/gs, (_, part: string, times: string) =>
    part.repeat(Number(times)),
  );
}

export function readCorpus(name: string): readonly Case[] {
  const text = readFileSync(join(import.meta.dirname, "../corpus", `${name}.json`), "utf8");
  const reviver = (_key: string, value: unknown): unknown =>
    typeof value === "string" ? expand(value) : value;
  return corpusSchema.parse(JSON.parse(text, reviver));
}

export function reader<T>(parts: ReaderParts<T>): Reader {
  const { name, from, schemas, valid, like, play, also } = parts;
  return {
    name,
    from,
    schemas,
    corpus: readCorpus(name),
    arbitrary: like(valid),
    run: async (given) => {
      const value = parts.input.parse(given);
      const played = await play(value);
      expectHarmless(played);
      also?.(value, played);
    },
    runValid: () => play(valid),
  };
}

export const bagInput = z.record(z.string(), z.string());

/** That nothing was done to any server. */
export function expectUntouched({ site, servers }: Played): void {
  expect(site.shell.runs).toEqual([]);
  expect(site.jobs.started.filter(({ name }) => name !== "wake")).toEqual([]);
  for (const server of servers) expect(server.statements).toEqual([]);
}
