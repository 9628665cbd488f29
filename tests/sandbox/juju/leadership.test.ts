import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Application, Model } from "../../../lib/juju/model.ts";
import { Elections } from "../../../sandbox/juju/leadership.ts";
import { forgetUnit } from "../../../sandbox/juju/operations/applications.ts";
import { Store } from "../../../sandbox/juju/store.ts";
import { TestClock } from "./support/agents.ts";
import { charm, deployed, unitOf } from "./support/models.ts";

const lease = 60_000;
let folder: string;
let store: Store;
let clock: TestClock;
let model: Model;
let application: Application;
let present: Set<string>;
let elections: Elections;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leaders-"));
  store = new Store(join(folder, "state.json"));
  store.state.charms["c1"] = charm;
  ({ model } = deployed(store.state, "rome", "a", 3));
  const found = model.applications["a"];
  if (found === undefined) throw new Error("no application");
  application = found;
  application.leader = null;
  clock = new TestClock();
  present = new Set(["a/0", "a/1", "a/2"]);
  elections = new Elections(store, clock, lease, (_, unit) => present.has(unit));
});

afterEach(async () => {
  await store.saved();
  rmSync(folder, { recursive: true });
});

test("the first unit leads, present ones before absent ones", () => {
  elections.review();
  expect(application.leader).toBe("a/0");
  application.leader = null;
  present.delete("a/0");
  elections.review();
  expect(application.leader).toBe("a/1");
});

test("a silent leader keeps the lead for its lease, and for good when it comes back in time", () => {
  application.leader = "a/1";
  present.delete("a/1");
  elections.review();
  clock.advance(lease - 1);
  expect(application.leader).toBe("a/1");
  present.add("a/1");
  elections.review();
  clock.advance(lease);
  elections.review();
  clock.advance(lease);
  expect(application.leader).toBe("a/1");
});

test("then another present unit has it, and it does not go back", () => {
  elections.review();
  present.delete("a/0");
  elections.review();
  clock.advance(lease);
  expect(application.leader).toBe("a/1");
  present.add("a/0");
  elections.review();
  expect(application.leader).toBe("a/1");
});

test("nobody else there: the silent one stays the leader", () => {
  elections.review();
  present.clear();
  elections.review();
  clock.advance(lease);
  expect(application.leader).toBe("a/0");
});

test("a dying unit is not elected, a removed one is replaced at once", () => {
  elections.review();
  unitOf(model, "a/1").life = "dying";
  forgetUnit(store.state, model, unitOf(model, "a/0"));
  elections.review();
  expect(application.leader).toBe("a/2");
});

test("a deposed leader is followed by the named unit, or by another", () => {
  elections.review();
  elections.depose(model, application, "a/2");
  expect(application.leader).toBe("a/2");
  elections.depose(model, application, undefined);
  expect(application.leader).toBe("a/0");
});
