// When faults strike the runs of a unit: counting, before and after, aim, and flushes.
import { describe, expect, test } from "vitest";
import { addFault, type FaultState, type NewFault } from "../../../sandbox/faults/fault.ts";
import { about, countsEffects, past, refusesFlush } from "../../../sandbox/faults/runs.ts";

const aim = { model: "rome", unit: "db/0", run: null };
const here = { model: "rome", unit: "db/0", run: "start" };
const kill = { kind: "kill", aim, counted: "command", n: 2, after: false, seen: 0 } as const;

function armed(...faults: readonly NewFault[]): FaultState {
  const state: FaultState = { faults: [], nextFault: 1 };
  for (const fault of faults) addFault(state, fault, "now");
  return state;
}

const command = (state: FaultState, place = here) => about(state, place, ["command", "effect"]);
const effect = (state: FaultState) => about(state, here, ["effect"]);

describe("a kill", () => {
  test("before the n-th command strikes once, and is over", () => {
    const state = armed(kill);
    expect(command(state).kill).toBe(false);
    expect(past(state, here).kill).toBe(false);
    expect(state.faults[0]).toMatchObject({ seen: 1 });
    const blow = command(state);
    expect(blow).toMatchObject({ kill: true, depose: false });
    expect(blow.struck).toEqual(["fault 1 strikes: kills rome:db/0 before hook command 2 (2 so far)"]);
    expect(state.faults).toEqual([]);
    expect(command(state).kill).toBe(false);
  });

  test("after the n-th strikes when that has happened", () => {
    const state = armed({ ...kill, after: true });
    expect([command(state).kill, past(state, here).kill]).toEqual([false, false]);
    expect([command(state).kill, past(state, here).kill]).toEqual([false, true]);
    expect(state.faults).toEqual([]);
  });

  test("after an effect whose end nobody tells of strikes before the next thing", () => {
    const state = armed({ ...kill, counted: "effect", n: 1, after: true });
    expect(effect(state).kill).toBe(false);
    expect(effect(state).kill).toBe(true);
  });

  test("counts effects and commands apart; a command is an effect too", () => {
    const state = armed(kill);
    expect([effect(state).kill, effect(state).kill, command(state).kill]).toEqual([false, false, false]);
    const counting = armed({ ...kill, counted: "effect" });
    expect([effect(counting).kill, command(counting).kill]).toEqual([false, true]);
  });

  test("with 0 only counts", () => {
    const state = armed({ ...kill, n: 0 }, { ...kill, n: 0, after: true });
    for (let n = 0; n < 5; n++) expect([command(state).kill, past(state, here).kill]).toEqual([false, false]);
    expect(state.faults).toMatchObject([{ seen: 5 }, { seen: 5 }]);
  });

  test("is aimed at one unit, and at one run if that is named", () => {
    const state = armed({ ...kill, n: 1, aim: { ...aim, run: "config-changed" } });
    expect(command(state).kill).toBe(false);
    expect(command(state, { ...here, run: "config-changed", unit: "db/1" }).kill).toBe(false);
    expect(command(state, { ...here, run: "config-changed", model: "lisbon" }).kill).toBe(false);
    expect(command(state, { ...here, run: "config-changed" }).kill).toBe(true);
  });
});

test("the lead is taken before the n-th hook command, whatever effects come between", () => {
  const state = armed({ kind: "depose", aim, n: 2, seen: 0 });
  expect([command(state).depose, effect(state).depose]).toEqual([false, false]);
  expect(command(state)).toMatchObject({ depose: true, kill: false });
  expect(state.faults).toEqual([]);
});

test("so many flushes are refused, each once", () => {
  const state = armed({ kind: "refuse-flush", aim, times: 2 });
  expect(refusesFlush(state, { ...here, unit: "db/1" })).toBe(false);
  expect([1, 2, 3].map(() => refusesFlush(state, here))).toEqual([true, true, false]);
  expect(state.faults).toEqual([]);
});

test("effects are watched only where one is counted", () => {
  expect(countsEffects(armed(kill).faults, here)).toBe(false);
  const state = armed({ ...kill, counted: "effect" });
  expect(countsEffects(state.faults, here)).toBe(true);
  expect(countsEffects(state.faults, { ...here, unit: "db/1" })).toBe(false);
  // What a run leaves behind is seen only where the run itself was.
  const late = armed({ ...kill, counted: "effect", aim: { ...aim, run: "job" } });
  expect(countsEffects(late.faults, here)).toBe(true);
});
