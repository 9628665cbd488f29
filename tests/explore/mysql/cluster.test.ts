// One cluster of the model: members that come, fall silent and come back.
import { describe, expect, test } from "vitest";
import { commands } from "../../../src/mysql/commands.ts";
import { acceptsWrites, isMember, rowsOn } from "./facts.ts";
import { clientWrite, naturalMoves, powerOff, powerOn } from "./moves.ts";
import { type MysqlState, serverOf } from "./state.ts";
import { cluster, shell, sites } from "./support/site.ts";
import { membersOf } from "./views.ts";

const seen = (state: MysqlState, host: string): readonly string[] =>
  membersOf(state, serverOf(state, host)).map((each) => `${each.host} ${each.state} ${each.role}`);

async function rome(): Promise<MysqlState> {
  const state = sites("rome");
  await cluster(state, "rome");
  return state;
}

describe("a cluster of two", () => {
  test("has one primary, and its rows on both", async () => {
    const state = await rome();
    expect(seen(state, "rome-1")).toEqual(["rome-0 ONLINE PRIMARY", "rome-1 ONLINE SECONDARY"]);
    expect(["rome-0", "rome-1"].map((host) => acceptsWrites(state, host))).toEqual([true, false]);
    expect(clientWrite(state, "rome-0", "row 1")).toBe("acknowledged");
    expect(clientWrite(state, "rome-1", "row 2")).toBe("refused");
    expect(rowsOn(state, "rome-1")).toEqual(["row 1"]);
  });

  test("has no quorum once one is gone without a word, and takes no writes", async () => {
    const state = await rome();
    powerOff(state, "rome-0");
    expect(seen(state, "rome-1")).toEqual(["rome-0 UNREACHABLE PRIMARY", "rome-1 ONLINE SECONDARY"]);
    powerOn(state, "rome-0");
    for (const move of naturalMoves(state)) move.apply(state);
    expect(seen(state, "rome-0")).toEqual([]);
    await shell(state, "rome-1", commands.forceQuorum("rome-1"));
    expect(acceptsWrites(state, "rome-1")).toBe(true);
    await shell(state, "rome-1", commands.rejoinInstance("rome-0", "incremental"));
    expect(seen(state, "rome-0")).toEqual(["rome-0 ONLINE SECONDARY", "rome-1 ONLINE PRIMARY"]);
  });

  test("hands over to the other member, and a member can go for good", async () => {
    const state = await rome();
    await shell(state, "rome-0", commands.setPrimaryInstance("rome-1"));
    expect(seen(state, "rome-0")).toEqual(["rome-0 ONLINE SECONDARY", "rome-1 ONLINE PRIMARY"]);
    await shell(state, "rome-0", commands.removeInstance("rome-0", false));
    expect(seen(state, "rome-1")).toEqual(["rome-1 ONLINE PRIMARY"]);
    expect(["rome-0", "rome-1"].map((host) => isMember(state, host))).toEqual([false, true]);
    expect(serverOf(state, "rome-0").data.metadata?.instances).not.toHaveProperty("uuid-of-rome-0");
  });

  test("refuses what AdminAPI refuses", async () => {
    const state = await rome();
    await expect(shell(state, "rome-0", commands.createCluster("again"))).rejects.toMatchObject({
      reason: "already-member",
    });
    await expect(shell(state, "rome-0", commands.forceQuorum("rome-0"))).rejects.toMatchObject({
      reason: "failed",
    });
    await expect(shell(state, "rome-0", commands.removeInstance("paris-0", false))).rejects.toMatchObject({
      reason: "not-member",
    });
  });
});
