import { afterEach, beforeEach, expect, test } from "vitest";
import type { Model, Unit } from "../../../lib/juju/model.ts";
import { Cluster } from "./support/agents.ts";
import { deployed } from "./support/models.ts";

let cluster: Cluster;
let model: Model;
let unit: Unit;

beforeEach(() => {
  cluster = new Cluster();
  ({ model, unit } = deployed(cluster.store.state, "rome", "a"));
});
afterEach(async () => await cluster.stop());

const runs = (name: string): string[] => cluster.machines.get(name)?.runs.splice(0) ?? [];

test("rotation and expiry come at their time, and again every five minutes until something is done", async () => {
  let rotated = false;
  await cluster.start(model, unit, async (env, tool) => {
    if (env["JUJU_HOOK_NAME"] === "install")
      await tool("secret-add", "--owner=unit", "--rotate=hourly", "--expire=90m", "token=one");
    if (env["JUJU_HOOK_NAME"] === "secret-rotate" && rotated)
      await tool("secret-set", env["JUJU_SECRET_ID"] ?? "", "token=two");
    if (env["JUJU_HOOK_NAME"] === "secret-expired" && env["JUJU_SECRET_REVISION"] !== "1") return 1;
    return 0;
  });
  await cluster.settled();
  const within = async (minutes: number): Promise<string[]> => {
    runs("a/0");
    cluster.clock.advance(minutes * 60_000);
    await cluster.until(() => unit.local.hook === null && unit.agent.status === "idle");
    return runs("a/0").filter((run) => run.includes("secret"));
  };
  model.config["update-status-hook-interval"] = "60m";
  expect(await within(59)).toEqual([]);
  expect(await within(1)).toEqual(["hooks/secret-rotate"]);
  expect(await within(4)).toEqual([]);
  rotated = true;
  expect(await within(1)).toEqual(["hooks/secret-rotate", "hooks/secret-remove"]);
  expect(await within(24)).toEqual([]);
  expect(await within(1)).toEqual(["hooks/secret-expired"]);
  expect(await within(5)).toEqual(["hooks/secret-expired"]);
  const [secret] = Object.values(model.secrets);
  if (secret !== undefined) delete secret.revisions[1];
  expect(await within(5)).toEqual([]);
});
