// The smallest ClusterSet: two clusters of one server each, in one model, deployed from packed .charm files.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  deploy,
  eventually,
  mustRun,
  runAction,
  type Site,
  setState,
} from "../../scripts/demo/deployment.ts";
import { contents, packHere, packWithCharmcraft } from "../support/packed.ts";
import { query } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, untilShown } from "../support/story.ts";

const PRIMARY: Site = { model: "small", app: "left", cluster: "left-side", units: 1 };
const STANDBY: Site = { model: "small", app: "right", cluster: "right-side", units: 1 };

let story: Story;
let folder: string;
/** Each application's file; charmcraft's for the second one, where charmcraft can be had. */
let packed: { left: string; right: string };
chapters();

beforeAll(async () => {
  story = await beginStory("one-unit");
  folder = await mkdtemp(join(tmpdir(), "mysql-charm-packed-"));
  const file = await packHere(folder);
  packed = { left: file, right: file };
});

afterAll(async () => {
  await endStory(story);
  await rm(folder, { recursive: true, force: true });
});

const promote = (unit: string, name: string) =>
  runAction(story.sandbox, "small", unit, ["promote-standby-cluster", `cluster-set-name=${name}`]);

async function untilLed(cluster: string): Promise<void> {
  await eventually(
    () => setState(story.sandbox, "small", "left/0"),
    ({ status, primaryCluster }) => status === "healthy" && primaryCluster === cluster,
    60_000,
  );
}

describe("two applications of one unit in one model", () => {
  test("charmcraft packs the same files, and its linters accept them", async ({ skip }) => {
    const made = await packWithCharmcraft(folder);
    if (made.kind === "unavailable") return skip(`charmcraft was left out: ${made.reason}`);
    const { "manifest.yaml": ours, ...rest } = await contents(packed.left, folder);
    const { "manifest.yaml": theirs, ...expected } = await contents(made.file, folder);
    expect([ours, theirs]).not.toContain(undefined);
    expect(rest).toEqual(expected);
    expect(made.findings.filter(({ result }) => /error|fatal|warning/i.test(result))).toEqual([]);
    expect(made.findings).toContainEqual(expect.objectContaining({ name: "entrypoint", result: "ok" }));
    packed.right = made.file;
  });

  test("each forms a cluster", async () => {
    await story.sandbox.mustJuju(["add-model", "small"]);
    for (const site of [PRIMARY, STANDBY]) {
      const file = site === PRIMARY ? packed.left : packed.right;
      await deploy(story.sandbox, file, site, site === PRIMARY ? "pair" : undefined);
    }
    await untilShown(story, "small", "left/0", /^active: Primary$/);
    await untilShown(story, "small", "right/0", /^active: Primary$/);
  });

  test("a standby must not have databases of its own, and names the one it has", async () => {
    await query(story.sandbox, "small", "right/0", "CREATE DATABASE precious");
    await story.sandbox.mustJuju(["integrate", "-m", "small", "left:async-primary", "right:async-replica"]);
    expect(await untilShown(story, "small", "right", /^blocked: /)).toContain("precious");
    expect(await query(story.sandbox, "small", "right/0", "SHOW DATABASES LIKE 'precious'")).toEqual([
      "precious",
    ]);
  });

  test("without it, the set-up goes on by itself", async () => {
    await query(story.sandbox, "small", "right/0", "DROP DATABASE precious");
    await story.sandbox.mustJuju(["trigger", "-m", "small", "update-status", "right/0"]);
    await untilShown(story, "small", "right/0", /^active: Standby/);
    await untilLed("left-side");
  });

  test("rows of the primary appear on the standby, which refuses writes", async () => {
    const { sandbox } = story;
    await query(sandbox, "small", "left/0", "CREATE DATABASE d; CREATE TABLE d.t (n INT PRIMARY KEY)");
    await query(sandbox, "small", "left/0", "INSERT INTO d.t VALUES (1), (2), (3)");
    await eventually(
      () => query(sandbox, "small", "right/0", "SELECT COUNT(*) FROM d.t").catch(() => []),
      ([count]) => count === "3",
      30_000,
    );
    await expect(query(sandbox, "small", "right/0", "INSERT INTO d.t VALUES (4)")).rejects.toThrow(
      "read-only",
    );
  });

  test("a wrong name of the ClusterSet is refused, with the parameter's name", async () => {
    const refused = await promote("right/leader", "peer");
    expect(refused.completed).toBe(false);
    expect(refused.message).toContain("cluster-set-name");
    expect(refused.message).toContain("pair");
    await untilLed("left-side");
  });

  test("switchover and back", async () => {
    expect(await promote("right/leader", "pair")).toMatchObject({ completed: true });
    await untilShown(story, "small", "left/0", /^active: Standby/);
    await untilShown(story, "small", "right/0", /^active: Primary$/);
    await untilLed("right-side");
    await query(story.sandbox, "small", "right/0", "INSERT INTO d.t VALUES (4)");
    await mustRun(story.sandbox, "small", "left/leader", [
      "promote-standby-cluster",
      "cluster-set-name=pair",
    ]);
    await untilShown(story, "small", "left/0", /^active: Primary$/);
    await untilLed("left-side");
    expect(await query(story.sandbox, "small", "left/0", "SELECT COUNT(*) FROM d.t")).toEqual(["4"]);
  });
});
