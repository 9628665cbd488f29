// The tables of docs/reference/options-and-actions.md, row by row.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import { charmMeta, type Meta } from "../../../src/generated/charm-meta.ts";
import { readConfig } from "../../../src/wire/config.ts";
import { machine, namedWorld } from "../support/world.ts";

const page = readFileSync(
  join(import.meta.dirname, "../../../docs/reference/options-and-actions.md"),
  "utf8",
);
const cells = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const plain = (cell: string): string => cell.replace(/^`(.*)`$/, "$1");
const refusals = cells.filter((row) => row.at(-1)?.startsWith("must be"));
const options = refusals.filter((row) => row.length === 3);
const parameters = refusals.filter((row) => row.length === 4);

test("every option is described", () => {
  for (const name of Object.keys(charmMeta.config)) expect(page).toContain(`\`${name}\``);
});

describe("options", () => {
  test.each(options)("%s of %s: %s", (name = "", value = "", rule = "") => {
    const option = plain(name);
    const isNumber = charmMeta.config[option as keyof typeof charmMeta.config]?.type === "int";
    const given = isNumber ? Number(plain(value)) : plain(value);
    expect(readConfig({ [option]: given })).toEqual({ kind: "invalid", option, reason: rule });
  });
});

describe("actions", () => {
  test.each(parameters)("%s with %s of %s: %s", async (name = "", key = "", value = "", rule = "") => {
    const action = plain(name) as keyof Meta["actions"];
    const event: Event<Meta> = { kind: "action", action, actionId: "1" };
    const params = { [plain(key)]: plain(value) };
    const { action: outcome } = await runEvent(machine().charm, namedWorld(), event, { params });
    expect(outcome.failure).toContain(plain(key));
    expect(outcome.failure).toContain(rule);
  });
});

test("the tables have rows", () => {
  expect(options.length).toBeGreaterThan(8);
  expect(parameters.length).toBeGreaterThan(4);
});
