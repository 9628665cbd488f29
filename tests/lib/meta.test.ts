import { expect, expectTypeOf, test } from "vitest";
import type {
  ActionName,
  ActionParams,
  ConfigValues,
  EndpointName,
  OptionName,
  StorageName,
} from "../../lib/index.ts";
import { charmMeta } from "../../src/generated/charm-meta.ts";
import type { Meta } from "./support/charm.ts";

test("names come from the metadata", () => {
  expectTypeOf<EndpointName<Meta>>().toEqualTypeOf<"peers" | "offer" | "upstream">();
  expectTypeOf<ActionName<Meta>>().toEqualTypeOf<"promote" | "show">();
  expectTypeOf<StorageName<Meta>>().toEqualTypeOf<"data">();
  expectTypeOf<OptionName<Meta>>().toEqualTypeOf<"profile" | "memory">();
});

test("parameters that are required or have a default are always there", () => {
  expectTypeOf<ActionParams<Meta, "promote">["set-name"]>().toEqualTypeOf<string>();
  expectTypeOf<ActionParams<Meta, "promote">["force"]>().toEqualTypeOf<boolean>();
  expectTypeOf<ActionParams<Meta, "promote">["delay"]>().toEqualTypeOf<number | undefined>();
  const complete = { "set-name": "a", force: true } satisfies ActionParams<Meta, "promote">;
  // @ts-expect-error the required parameter is missing
  const lacking: ActionParams<Meta, "promote"> = { force: true };
  // @ts-expect-error a boolean is no text
  const mistyped: ActionParams<Meta, "promote"> = { "set-name": "a", force: "yes" };
  expect([complete, lacking, mistyped]).toHaveLength(3);
});

test("options with a default are always there", () => {
  expectTypeOf<ConfigValues<Meta>["profile"]>().toEqualTypeOf<string>();
  expectTypeOf<ConfigValues<Meta>["memory"]>().toEqualTypeOf<number | undefined>();
});

test("the real charm's names are known to the compiler", () => {
  expectTypeOf<EndpointName<typeof charmMeta>>().toEqualTypeOf<
    "database-peers" | "async-primary" | "async-replica"
  >();
  expect(charmMeta.endpoints["async-replica"].limit).toBe(1);
});
