import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { applyBag, diffBag, readBag } from "../../lib/index.ts";

const schema = z.object({
  "cluster-name": z.string().regex(/^[a-z-]+$/),
  epoch: z.coerce.number().int(),
  note: z.string().optional(),
});

describe("readBag", () => {
  const good = { "cluster-name": "rome", epoch: "4" };

  test("a good bag is its value; foreign keys and empty values are left out", () => {
    const bag = { ...good, note: "", "ingress-address": "10.0.0.1" };
    expect(readBag(schema, bag)).toEqual({ kind: "value", value: { "cluster-name": "rome", epoch: 4 } });
  });

  test.each<[string, Record<string, string>]>([
    ["empty", {}],
    ["with foreign keys only", { "ingress-address": "10.0.0.1" }],
    ["with empty values only", { "cluster-name": "", epoch: "" }],
    ["with a required key missing", { "cluster-name": "rome" }],
  ])("a bag %s is absent", (_name, bag) => {
    expect(readBag(schema, bag)).toEqual({ kind: "absent" });
  });

  test("a bag with none of its optional keys is absent too", () => {
    expect(readBag(z.object({ note: z.string().optional() }), { other: "x" })).toEqual({ kind: "absent" });
  });

  test("a wrong value is invalid, also where other keys are missing", () => {
    const read = readBag(schema, { "cluster-name": "x'); import os" });
    expect(read).toMatchObject({ kind: "invalid", field: "cluster-name" });
  });

  test("the keys of a transformed or refined schema are known", () => {
    const transformed = schema.transform(({ epoch }) => epoch);
    expect(readBag(transformed, good)).toEqual({ kind: "value", value: 4 });
    expect(readBag(transformed, { other: "x" })).toEqual({ kind: "absent" });
    const refined = schema.refine(({ epoch }) => epoch > 9, "too old");
    expect(readBag(refined, good)).toEqual({ kind: "invalid", field: "", reason: "too old" });
  });

  test("keys of Object.prototype are foreign keys", () => {
    expect(readBag(schema, { toString: "x", constructor: "y" })).toEqual({ kind: "absent" });
  });

  test("the reason repeats no value, holds no control character and is short", () => {
    const telling = z.object({
      password: z.string().superRefine((value, context) => {
        context.addIssue({ code: "custom", message: `bad: ${value}\u001b[31m\n${"long ".repeat(100)}` });
      }),
    });
    const read = readBag(telling, { password: "hunter2-hunter2" });
    if (read.kind !== "invalid") throw new Error(`expected it to be invalid, but it is ${read.kind}`);
    expect(read.reason).not.toContain("hunter2");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(read.reason).not.toMatch(/[\u0000-\u001f]/);
    expect(read.reason.length).toBeLessThanOrEqual(161);
  });
});

describe("diffBag", () => {
  const key = fc.oneof(fc.constantFrom("a", "b", "c", "__proto__", "toString"), fc.string());
  const value = fc.oneof(fc.constantFrom("", "1", "2"), fc.string());
  const bag = fc
    .array(fc.tuple(key, value))
    .map((entries): Record<string, string> => Object.fromEntries(entries));
  const stored = bag.map((given) => applyBag({}, given));

  test("what is written brings the bag to what was wanted", () => {
    fc.assert(
      fc.property(stored, bag, (before, wanted) => {
        expect(applyBag(before, diffBag(before, wanted))).toEqual(applyBag(before, wanted));
      }),
    );
  });

  test("nothing is written twice", () => {
    fc.assert(
      fc.property(stored, bag, (before, wanted) => {
        const after = applyBag(before, diffBag(before, wanted));
        expect(diffBag(after, wanted)).toEqual({});
      }),
    );
  });

  test("only wanted keys are touched, and only changed ones", () => {
    fc.assert(
      fc.property(stored, bag, (before, wanted) => {
        for (const [changed, to] of Object.entries(diffBag(before, wanted))) {
          expect(Object.hasOwn(wanted, changed)).toBe(true);
          expect(Object.hasOwn(before, changed) ? before[changed] : "").not.toBe(to);
        }
      }),
    );
  });

  test("a stored bag has no empty value", () => {
    fc.assert(
      fc.property(bag, bag, (before, changes) => {
        expect(Object.values(applyBag(applyBag({}, before), changes))).not.toContain("");
      }),
    );
  });

  test("a key that is not wanted either way stays out", () => {
    expect(diffBag({ a: "1" }, { a: undefined, b: "2" })).toEqual({ b: "2" });
  });
});
