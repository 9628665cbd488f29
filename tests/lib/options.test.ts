import { describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { ActionParameterError, OptionError, readOptions } from "../../lib/index.ts";
import { checkOptions } from "../../lib/options.ts";
import { checkParameters } from "../../lib/parameters.ts";
import { type Meta, meta } from "./support/charm.ts";
import { openModel } from "./support/model.ts";

describe("options", () => {
  test("have the types of config.yaml; those with a default are there", async () => {
    const { model } = openModel({ configGet: async () => ({ profile: "testing" }) });
    const options = await model.config();
    expectTypeOf(options.profile).toEqualTypeOf<string>();
    expectTypeOf(options.memory).toEqualTypeOf<number | undefined>();
    expect(options).toEqual({ profile: "testing" });
  });

  test.each<[string, Record<string, string | number>]>([
    ["Option profile: is declared as string, but Juju gave number", { profile: 5 }],
    ["Option memory: is declared as int, but Juju gave string", { profile: "a", memory: "5" }],
  ])("%s", (told, values) => {
    expect(() => checkOptions<Meta>(meta, values)).toThrow(told);
  });

  test("have their defaults where Juju leaves them out", () => {
    expect(checkOptions<Meta>(meta, { memory: 64 })).toEqual({ profile: "production", memory: 64 });
  });

  test("that a schema refuses are named, with the schema's reason", () => {
    const schema = z.object({ memory: z.int().min(64, "must be at least 64 MiB") });
    expect(readOptions(schema, { memory: 64, profile: "x" })).toEqual({ memory: 64 });
    const read = (): unknown => readOptions(schema, { memory: 5 });
    expect(read).toThrow(OptionError);
    expect(read).toThrow("Option memory: must be at least 64 MiB");
  });
});

describe("parameters", () => {
  const { promote } = meta.actions;
  const whole = { "set-name": "rome", force: false };

  test("as declared, with or without optional ones, and with ones that nobody declared", () => {
    expect(() => checkParameters(promote, whole)).not.toThrow();
    expect(() => checkParameters(promote, { ...whole, delay: 3, more: {} })).not.toThrow();
  });

  test.each<[string, Record<string, unknown>]>([
    ["Parameter set-name: is missing", { force: true }],
    ["Parameter force: is missing", { "set-name": "rome" }],
    ["Parameter delay: is to be of type integer", { ...whole, delay: 1.5 }],
    ["Parameter force: is to be of type boolean", { ...whole, force: "yes" }],
    ["Parameter set-name: is to be of type string", { ...whole, "set-name": ["rome"] }],
  ])("%s", (told, given) => {
    expect(() => checkParameters(promote, given)).toThrow(ActionParameterError);
    expect(() => checkParameters(promote, given)).toThrow(told);
  });

  test("names of every object's own functions are no parameters", () => {
    const odd = { params: { constructor: { type: "string", required: true } } } as const;
    expect(() => checkParameters(odd, {})).toThrow("Parameter constructor: is missing");
  });
});
