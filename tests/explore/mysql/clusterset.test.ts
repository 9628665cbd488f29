// A ClusterSet of the model: what is written at one site comes to the other, and who leads after a switchover or failover.
import { describe, expect, test } from "vitest";
import { commands } from "../../../src/mysql/commands.ts";
import { acceptsWrites, rowsOn, setOf } from "./facts.ts";
import { clientWrite, cut, heal, naturalMoves, powerOff, powerOn } from "./moves.ts";
import { type MysqlState, serverOf } from "./state.ts";
import { cluster, shell, sites } from "./support/site.ts";

const all = ["rome-0", "rome-1", "oslo-0", "oslo-1"];
const writable = (state: MysqlState): readonly string[] => all.filter((host) => acceptsWrites(state, host));
const roles = (state: MysqlState): readonly string[] =>
  all.map((host) => {
    const set = setOf(state, host);
    return set === undefined ? "none" : `${set.cluster} ${set.invalidated ? "INVALIDATED" : set.role}`;
  });

/** Whatever can happen by itself happens. */
function rest(state: MysqlState): void {
  for (let moves = naturalMoves(state); moves[0] !== undefined; moves = naturalMoves(state))
    moves[0].apply(state);
}

/** Rome leads, oslo follows with both its servers. */
async function gaul(method: "clone" | "incremental" = "incremental"): Promise<MysqlState> {
  const state = sites("rome", "oslo");
  await cluster(state, "rome");
  await shell(state, "rome-0", commands.createReplicaCluster("10.1.0.10", "oslo", method, "rome-0"));
  rest(state);
  await shell(state, "oslo-0", commands.addInstance("oslo-1", "oslo-1", "clone"));
  rest(state);
  return state;
}

describe.each(["clone", "incremental"] as const)("a standby made by %s", (method) => {
  test("gets what is written, late", async () => {
    const state = await gaul(method);
    expect(writable(state)).toEqual(["rome-0"]);
    expect(roles(state)).toEqual(["rome PRIMARY", "rome PRIMARY", "oslo REPLICA", "oslo REPLICA"]);
    clientWrite(state, "rome-0", "row 1");
    expect(rowsOn(state, "oslo-1")).toEqual([]);
    rest(state);
    expect(rowsOn(state, "oslo-1")).toEqual(["row 1"]);
  });
});

test("a cut keeps rows from the standby until it is healed", async () => {
  const state = await gaul();
  cut(state, "oslo", "rome");
  clientWrite(state, "rome-0", "row 1");
  expect(naturalMoves(state)).toEqual([]);
  heal(state, "rome", "oslo");
  rest(state);
  expect(rowsOn(state, "oslo-0")).toEqual(["row 1"]);
});

test("a standby without a quorum gets nothing: its applier waits in a commit, and cannot be stopped", async () => {
  const state = await gaul();
  powerOff(state, "oslo-1");
  clientWrite(state, "rome-0", "row 1");
  expect(naturalMoves(state)).toEqual([]);
  await expect(shell(state, "rome-0", commands.removeCluster("oslo", true))).rejects.toThrow(
    "no end in time",
  );
  expect(roles(state)[2]).toBe("oslo REPLICA");
  expect(serverOf(state, "oslo-0").channel).toMatchObject({ running: true });
});

test("a switchover loses nothing, and the old primary cluster follows", async () => {
  const state = await gaul();
  clientWrite(state, "rome-0", "row 1");
  await shell(state, "oslo-0", commands.setPrimaryCluster("oslo"));
  expect(writable(state)).toEqual(["oslo-0"]);
  expect(clientWrite(state, "oslo-0", "row 2")).toBe("acknowledged");
  rest(state);
  expect(roles(state)).toEqual(["rome REPLICA", "rome REPLICA", "oslo PRIMARY", "oslo PRIMARY"]);
  expect(rowsOn(state, "rome-1")).toEqual(["row 1", "row 2"]);
  // Whoever is elected in a standby takes no writes either.
  await shell(state, "rome-0", commands.setPrimaryInstance("rome-1"));
  expect(writable(state)).toEqual(["oslo-0"]);
});

test("a failover leaves the old primary cluster invalidated, which comes back without transactions of its own", async () => {
  const state = await gaul();
  for (const host of ["rome-0", "rome-1"]) powerOff(state, host);
  await shell(state, "oslo-0", commands.forcePrimaryCluster("oslo", []));
  expect(writable(state)).toEqual(["oslo-0"]);
  expect(["rome-0", "oslo-1"].map((host) => setOf(state, host)?.view.generation)).toEqual([0, 1]);
  for (const host of ["rome-0", "rome-1"]) powerOn(state, host);
  rest(state);
  await shell(state, "rome-0", commands.reboot("rome", "rome-0", false));
  expect(writable(state)).toEqual(["oslo-0"]);
  await shell(state, "oslo-0", commands.rejoinCluster("rome"));
  rest(state);
  await shell(state, "rome-0", commands.rejoinInstance("rome-1", "incremental"));
  expect(roles(state)).toEqual(["rome REPLICA", "rome REPLICA", "oslo PRIMARY", "oslo PRIMARY"]);
});

test("a cluster with lost transactions cannot rejoin", async () => {
  const state = await gaul();
  cut(state, "oslo", "rome");
  await shell(state, "oslo-0", commands.forcePrimaryCluster("oslo", []));
  expect(writable(state)).toEqual(["rome-0", "oslo-0"]);
  clientWrite(state, "rome-0", "lost");
  heal(state, "oslo", "rome");
  await expect(shell(state, "oslo-0", commands.rejoinCluster("rome"))).rejects.toMatchObject({
    reason: "data-diverged",
  });
});

test("a removed cluster stands alone without metadata, read-only", async () => {
  const state = await gaul();
  await shell(state, "rome-0", commands.removeCluster("oslo", false));
  expect(writable(state)).toEqual(["rome-0"]);
  expect(roles(state).slice(2)).toEqual(["none", "none"]);
});

test("an outage of the primary cluster ends with both members and the channel", async () => {
  const state = await gaul();
  for (const host of ["rome-0", "rome-1"]) powerOff(state, host);
  for (const host of ["rome-0", "rome-1"]) powerOn(state, host);
  rest(state);
  expect(writable(state)).toEqual([]);
  await shell(state, "rome-1", commands.reboot("rome", "rome-1", false));
  expect(writable(state)).toEqual(["rome-1"]);
  clientWrite(state, "rome-1", "row 1");
  rest(state);
  expect(["rome-0", "oslo-0", "oslo-1"].map((host) => rowsOn(state, host))).toEqual([
    ["row 1"],
    ["row 1"],
    ["row 1"],
  ]);
});

const refusals: readonly (readonly ["setPrimaryCluster" | "rejoinCluster", string, string])[] = [
  ["setPrimaryCluster", "rome", "already-primary"],
  ["setPrimaryCluster", "paris", "no-such-cluster"],
];

test.each(refusals)("%s %s is refused: %s", async (name, cluster, reason) => {
  const state = await gaul();
  await expect(shell(state, "oslo-0", commands[name](cluster))).rejects.toMatchObject({ reason });
});

test("a failover is refused while the primary cluster answers, or can be restored", async () => {
  const state = await gaul();
  await expect(shell(state, "oslo-0", commands.forcePrimaryCluster("oslo", []))).rejects.toThrow(
    "still available",
  );
  for (const host of ["rome-0", "rome-1"]) powerOff(state, host);
  powerOn(state, "rome-0");
  powerOn(state, "rome-1");
  await expect(shell(state, "oslo-0", commands.forcePrimaryCluster("oslo", []))).rejects.toThrow(
    "can still be restored",
  );
  expect(serverOf(state, "rome-0").up).toBe(true);
});
