import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DebugLog, isAtLeast, type LogLine, levelNamed } from "../../../sandbox/juju/debug-log.ts";
import { addModel } from "../../../sandbox/juju/operations/models.ts";
import { Store } from "../../../sandbox/juju/store.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
  file = join(folder, "state.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("what was changed is on disk once saved, readable by its owner alone, and found again", async () => {
  const store = new Store(file);
  addModel(store.state, "rome");
  store.changed();
  await store.saved();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.new`)).toBe(false);
  expect(Object.keys(new Store(file).state.models)).toEqual(["rome"]);
});

test("saved waits for changes made while an earlier save is under way", async () => {
  const store = new Store(file);
  store.changed();
  const first = store.saved();
  addModel(store.state, "late");
  store.changed();
  await Promise.all([first, store.saved()]);
  expect(JSON.parse(readFileSync(file, "utf8")).models).toHaveProperty("late");
});

test("listeners hear of several changes once, after the code that made them", async () => {
  const store = new Store(file);
  let heard = 0;
  const unlisten = store.onChange(() => {
    heard += 1;
  });
  for (const _ of [1, 2, 3]) store.changed();
  expect(heard).toBe(0);
  await new Promise(setImmediate);
  expect(heard).toBe(1);
  unlisten();
  store.changed();
  await store.saved();
  expect(heard).toBe(1);
});

test("a file that is something else is refused by name", () => {
  writeFileSync(file, '{"version":99}');
  expect(() => new Store(file)).toThrow(`${file} is not the state of a sandbox of this version`);
});

test("the log outlives its process, and is told to followers until they leave", async () => {
  const line: LogLine = {
    time: "t",
    model: "rome",
    entity: "unit-a-0",
    level: "WARNING",
    logger: "x",
    message: "one",
  };
  const log = new DebugLog(file);
  const followed: string[] = [];
  const unfollow = log.follow(({ message }) => followed.push(message));
  log.append(line);
  unfollow();
  log.append({ ...line, message: "two", model: "lisbon" });
  await new Promise(setImmediate);
  expect(followed).toEqual(["one"]);
  expect(new DebugLog(file).of("rome")).toEqual([line]);
  expect([
    isAtLeast(line, "INFO"),
    isAtLeast(line, "ERROR"),
    levelNamed("warning"),
    levelNamed("loud"),
  ]).toEqual([true, false, "WARNING", undefined]);
});
