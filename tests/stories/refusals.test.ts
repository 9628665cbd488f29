// Bad input of every kind: each is refused with the name of what is wrong, and MySQL stays as it was.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploy, runAction, type Site } from "../../scripts/demo/deployment.ts";
import { type Fingerprint, fingerprint } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, untilShown } from "../support/story.ts";

const HOSTILE = fileURLToPath(new URL("fixtures/hostile", import.meta.url));
const DB: Site = { model: "field", app: "db", cluster: "good", units: 1 };
const INJECTION = "x'); import os";

let story: Story;
chapters();
let before: Fingerprint;

const juju = (...argv: string[]) => story.sandbox.juju([argv[0] ?? "", "-m", DB.model, ...argv.slice(1)]);
const mustJuju = (...argv: string[]) =>
  story.sandbox.mustJuju([argv[0] ?? "", "-m", DB.model, ...argv.slice(1)]);
const run = (...action: string[]) => runAction(story.sandbox, DB.model, "db/leader", action);

beforeAll(async () => {
  story = await beginStory("refusals");
  await story.sandbox.mustJuju(["add-model", DB.model]);
  await mustJuju("deploy", HOSTILE, "hostile");
  // Its cluster's name is mended in the first test.
  await deploy(story.sandbox, story.charm, { ...DB, cluster: "1bad" }, "field-set");
});

afterAll(async () => {
  await endStory(story);
});

/** What the hostile side says on one of its relations. */
async function hostileSays(endpoint: string, values: Readonly<Record<string, string>>): Promise<void> {
  const words = Object.entries(values).map(([key, value]) => `"${key}=${value}"`);
  const line = `relation-set -r "$(relation-ids ${endpoint})" --app ${words.join(" ")}`;
  await mustJuju("exec", "--unit", "hostile/0", "--", line);
}

async function expectUntouched(): Promise<void> {
  expect(await fingerprint(story.sandbox, DB.model, "db/0")).toEqual(before);
}

describe("options", () => {
  test("a cluster name that MySQL would refuse blocks the unit, and mending it is enough", async () => {
    expect(await untilShown(story, DB.model, "db/0", /^blocked: /)).toContain("cluster-name");
    await mustJuju("config", "db", "cluster-name=good");
    await untilShown(story, DB.model, "db/0", /^active: Primary$/);
    before = await fingerprint(story.sandbox, DB.model, "db/0");
    expect(before.clusters).toBe("good");
  });

  test("a profile that does not exist", async () => {
    await mustJuju("config", "db", "profile=huge");
    expect(await untilShown(story, DB.model, "db/0", /^blocked: /)).toContain("profile");
    await mustJuju("config", "db", "profile=testing");
    await untilShown(story, DB.model, "db/0", /^active: Primary$/);
    await expectUntouched();
  });
});

describe("relations", () => {
  test("an endpoint that the charm does not have", async () => {
    const refused = await juju("integrate", "db:nonsense", "hostile:primary");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("nonsense");
    expect(refused.stderr).toContain("async-replica");
  });

  test("a primary cluster whose name would run as code", async () => {
    await mustJuju("integrate", "db:async-replica", "hostile:primary");
    await hostileSays("primary", { "cluster-name": INJECTION, "mysql-version": "9.7.0" });
    const status = await untilShown(story, DB.model, "db", /^blocked: Refused/);
    expect(status).toContain("hostile");
    expect(status).toContain("cluster-name");
    await expectUntouched();
    await hostileSays("primary", { "cluster-name": "harmless", "cluster-set-name": INJECTION });
    expect(await untilShown(story, DB.model, "db", /cluster-set-name/)).toMatch(/^blocked: Refused/);
    await expectUntouched();
    await mustJuju("remove-relation", "db:async-replica", "hostile:primary");
    await untilShown(story, DB.model, "db", /^active: /);
  });

  test("a standby whose instance would run as code", async () => {
    await mustJuju("integrate", "db:async-primary", "hostile:replica");
    await hostileSays("replica", { "cluster-name": "ok", endpoint: "10.0.0.1", "node-label": INJECTION });
    expect(await untilShown(story, DB.model, "db", /node-label/)).toMatch(/^blocked: Refused/);
    await expectUntouched();
    await mustJuju("remove-relation", "db:async-primary", "hostile:replica");
    await untilShown(story, DB.model, "db", /^active: /);
    await expectUntouched();
  });
});

describe("actions", () => {
  test.each([
    [["set-password", "username=nobody"], /username.*clusteradmin/],
    [["set-password", "password=short"], /password.*8 to 100/],
    [["set-password", `password=${INJECTION}; DROP`], /password.*8 to 100/],
    [["fence-writes", `cluster-set-name=${INJECTION}`], /cluster-set-name/],
    [["unfence-writes", "cluster-set-name=1bad"], /cluster-set-name/],
    [["rejoin-cluster", `cluster-name=${INJECTION}`], /cluster-name/],
    [["fence-writes", "cluster-set-name=other-set"], /belongs to ClusterSet field-set/],
    [["unfence-writes", "cluster-set-name=other-set"], /belongs to ClusterSet field-set/],
    [["rejoin-cluster", "cluster-name=good"], /no other cluster/],
  ])("%j", async (action, why) => {
    const { completed, message } = await run(...action);
    expect(completed).toBe(false);
    expect(message).toMatch(why);
  });

  test("promotion without another cluster", async () => {
    const { completed, message } = await run("promote-standby-cluster", "cluster-set-name=field-set");
    expect(completed).toBe(false);
    expect(message).toContain("no other cluster");
  });

  test("a name of a ClusterSet that would run as code", async () => {
    const { completed, message } = await run("promote-standby-cluster", `cluster-set-name=${INJECTION}`);
    expect(completed).toBe(false);
    expect(message).toContain("cluster-set-name");
  });

  test("the password of an account that the charm does not have", async () => {
    const { completed, message } = await run("get-password", "username=nobody");
    expect(completed).toBe(false);
    expect(message).toMatch(/username.*clusteradmin/);
  });

  test("a parameter that is missing, or none of its values, never reaches the charm", async () => {
    const refused = await juju("run", "db/leader", "promote-standby-cluster");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("cluster-set-name");
    const outside = await juju("run", "db/leader", "promote-to-primary", "scope=everything");
    expect(outside.code).toBe(1);
    expect(outside.stderr).toContain("scope");
  });

  test("none of them changed MySQL", expectUntouched);
});
