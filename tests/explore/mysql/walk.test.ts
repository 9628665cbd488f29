// The model by itself: whatever is done in whatever order, nothing comes of it that MySQL would not allow.
import fc from "fast-check";
import { expect, test } from "vitest";
import { commands } from "../../../src/mysql/commands.ts";
import type { ShellCommand } from "../../../src/mysql/ports.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { checkModel } from "./check.ts";
import { clientWrite, cut, heal, naturalMoves, powerOff, powerOn } from "./moves.ts";
import { machinePorts } from "./ports.ts";
import { type MysqlState, serverOf } from "./state.ts";
import { cluster, quiet, shell, sites, word } from "./support/site.ts";

const hosts = ["rome-0", "rome-1", "oslo-0", "oslo-1"];
const host = fc.constantFrom(...hosts);
const name = fc.constantFrom("rome", "oslo");
const method = fc.constantFrom("clone" as const, "incremental" as const);

const given: fc.Arbitrary<ShellCommand> = fc.oneof(
  fc.constantFrom(commands.configureInstance(), commands.dissolve(), commands.fenceWrites()),
  fc.constant(commands.unfenceWrites()),
  name.map(commands.createCluster),
  name.map((each) => commands.createClusterSet(`set of ${each}`)),
  fc.tuple(host, method).map(([to, how]) => commands.addInstance(to, to, how)),
  fc.tuple(host, method).map(([to, how]) => commands.rejoinInstance(to, how)),
  fc.tuple(host, fc.boolean()).map(([to, force]) => commands.removeInstance(to, force)),
  host.map(commands.forceQuorum),
  fc.tuple(name, host, fc.boolean()).map(([each, to, force]) => commands.reboot(each, to, force)),
  fc.tuple(host, name, method, host).map(([to, each, how, from]) => {
    const address = `10.${to.startsWith("oslo") ? 1 : 0}.0.1${to.at(-1)}`;
    return commands.createReplicaCluster(address, each, how, from);
  }),
  host.map(commands.setPrimaryInstance),
  name.map(commands.setPrimaryCluster),
  name.map((each) => commands.forcePrimaryCluster(each, [])),
  name.map(commands.rejoinCluster),
  fc.tuple(name, fc.boolean()).map(([each, force]) => commands.removeCluster(each, force)),
);

type Deed = (state: MysqlState) => Promise<void> | void;

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 9 }).map(natural) },
  { weight: 4, arbitrary: fc.tuple(host, given).map(([at, command]) => run(at, command)) },
  { weight: 2, arbitrary: fc.tuple(host, given).map(([at, command]) => start(at, command)) },
  {
    weight: 2,
    arbitrary: host.map(
      (at): Deed =>
        (state) =>
          void clientWrite(state, at, `at ${at}`),
    ),
  },
  {
    weight: 1,
    arbitrary: host.map(
      (at): Deed =>
        (state) =>
          powerOff(state, at),
    ),
  },
  {
    weight: 2,
    arbitrary: host.map(
      (at): Deed =>
        (state) =>
          powerOn(state, at),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Deed>((state) => cut(state, "rome", "oslo")) },
  { weight: 2, arbitrary: fc.constant<Deed>((state) => heal(state, "rome", "oslo")) },
);

function natural(which: number): Deed {
  return (state) => {
    const moves = naturalMoves(state);
    expect(new Set(moves.map(({ name }) => name)).size).toBe(moves.length);
    const move = moves[which % Math.max(moves.length, 1)];
    const before = JSON.stringify(state);
    move?.apply(state);
    // One that changes nothing could happen for ever.
    if (move !== undefined) expect(JSON.stringify(state)).not.toBe(before);
  };
}

/** A refusal is an answer; any other error is the model's. */
function run(at: string, command: ShellCommand): Deed {
  return async (state) => {
    if (!serverOf(state, at).power) return;
    await shell(state, at, command).catch((error: unknown) => {
      if (!(error instanceof MysqlProblem)) throw error;
    });
  };
}

function start(at: string, command: ShellCommand): Deed {
  return async (state) => {
    if (!serverOf(state, at).power) return;
    const { jobs, shell: open } = machinePorts(state, { host: at, unit: at }, quiet);
    if ((await jobs.running()).length > 0) return;
    await jobs.start(await open(async () => word).job("job", at, command, "A job"));
  };
}

test("nothing comes of any order of deeds that MySQL would not allow", async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(deed, { minLength: 5, maxLength: 60 }), async (made, deeds) => {
      const state = sites("rome", "oslo");
      await cluster(state, "rome");
      if (made)
        await shell(state, "rome-0", commands.createReplicaCluster("10.1.0.10", "oslo", "clone", "rome-0"));
      for (const each of deeds) {
        await each(state);
        expect(checkModel(state)).toEqual([]);
        // Nothing is in it that is lost on the way to text.
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }
    }),
    { numRuns: Number(process.env["EXPLORE_RUNS"] ?? 100) },
  );
});
