// Jobs of the model: an operation that goes on by one step at a time, can end badly, and dies with its machine.
import { expect, test } from "vitest";
import { commands } from "../../../src/mysql/commands.ts";
import { jobOutcome } from "../../../src/mysql/job-outcome.ts";
import { accepts, isUp } from "./facts.ts";
import { naturalMoves, powerOff, powerOn, takeWake, wakes } from "./moves.ts";
import { machinePorts } from "./ports.ts";
import { type MysqlState, removeMachine, serverOf } from "./state.ts";
import { quiet, shell, sites, word } from "./support/site.ts";

const portsOf = (state: MysqlState): ReturnType<typeof machinePorts> =>
  machinePorts(state, { host: "rome-0", unit: "rome/0" }, quiet);

async function joining(state: MysqlState): Promise<void> {
  const { shell: open, jobs } = portsOf(state);
  const given = commands.addInstance("rome-1", "rome-1", "clone");
  await jobs.start(await open(async () => word).job("join", "rome-0", given, "Joining"));
}

async function founded(): Promise<MysqlState> {
  const state = sites("rome");
  await shell(state, "rome-0", commands.createCluster("rome"));
  await joining(state);
  return state;
}

const step = (state: MysqlState): void => naturalMoves(state)[0]?.apply(state);

test("a job goes on step by step, and wakes its unit once", async () => {
  const state = await founded();
  const { jobs } = portsOf(state);
  expect(await jobs.running()).toEqual(["join"]);
  const names: string[] = [];
  for (let moves = naturalMoves(state); moves[0] !== undefined; moves = naturalMoves(state)) {
    names.push(moves[0].name);
    moves[0].apply(state);
  }
  expect(names[0]).toBe("job join of rome/0 begins add-instance");
  expect(names.at(-1)).toBe("job join of rome/0 ends");
  expect(jobOutcome(await jobs.state("join"))).toEqual({ kind: "ended" });
  expect(wakes(state)).toEqual([{ host: "rome-0", unit: "rome/0", job: "join" }]);
  for (const wake of wakes(state)) takeWake(state, wake);
  expect(wakes(state)).toEqual([]);
  await jobs.clear("join");
  expect(await jobs.state("join")).toEqual({ kind: "none" });
});

test("another operation finds its locks taken", async () => {
  const state = await founded();
  step(state);
  await expect(
    shell(state, "rome-0", commands.addInstance("rome-1", "rome-1", "clone")),
  ).rejects.toMatchObject({ reason: "busy" });
});

test("a job whose server goes away fails, and the copied server keeps what it has", async () => {
  const state = await founded();
  for (let steps = 0; steps < 3; steps += 1) step(state);
  powerOff(state, "rome-1");
  expect(isUp(state, "rome-1")).toBe(false);
  for (let steps = 0; steps < 9; steps += 1) step(state);
  expect(jobOutcome(await portsOf(state).jobs.state("join"))).toMatchObject({ kind: "failed" });
  powerOn(state, "rome-1");
  expect(accepts(state, "rome-1", "clusteradmin", "word")).toBe(true);
});

test("a job is lost with its machine, and so are its locks", async () => {
  const state = await founded();
  step(state);
  powerOff(state, "rome-0");
  powerOn(state, "rome-0");
  expect(jobOutcome(await portsOf(state).jobs.state("join"))).toMatchObject({ kind: "failed" });
  expect(serverOf(state, "rome-0").starting).toBe(true);
  removeMachine(state, "rome-1");
  expect(Object.keys(state.servers)).toEqual(["rome-0"]);
});
