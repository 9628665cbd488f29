// The charm is killed in the middle of what it does, again and again, and still ends where it should.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusJson } from "../../sandbox/client.ts";
import {
  deploy,
  eventually,
  isActive,
  isStandby,
  type Site,
  setState,
} from "../../scripts/demo/deployment.ts";
import { fingerprint } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, shown } from "../support/story.ts";

const MODEL = "rough";
const PRIMARY: Site = { model: MODEL, app: "first", cluster: "one", units: 1 };
const STANDBY: Site = { model: MODEL, app: "second", cluster: "two", units: 2 };

let story: Story;
chapters();

beforeAll(async () => {
  story = await beginStory("killed");
});

afterAll(async () => {
  await endStory(story);
});

/** A moment to kill a unit's hook: when its status, or its application's, is seen to be so. */
interface Blow {
  readonly unit: string;
  readonly when: RegExp;
}

/** Waits for the end, killing the hook at each of the moments once. Returns the moments at which a hook was killed. */
async function untilDespite(
  blows: readonly Blow[],
  holds: (status: StatusJson) => boolean,
): Promise<string[]> {
  const due = new Set(blows);
  const falling: Promise<string>[] = [];
  const onChange = (status: StatusJson): void => {
    for (const blow of due) {
      const [app = ""] = blow.unit.split("/");
      if (!blow.when.test(`${shown(status, blow.unit)} ${shown(status, app)}`)) continue;
      due.delete(blow);
      falling.push(strike(blow));
    }
  };
  await story.sandbox.waitFor(holds, { model: MODEL, timeoutMs: 240_000, onChange });
  return (await Promise.all(falling)).filter((text) => text !== "");
}

/** Empty when the hook had just ended. */
async function strike({ unit, when }: Blow): Promise<string> {
  const { code } = await story.sandbox.juju(["kill-dispatch", "-m", MODEL, unit]);
  return code === 0 ? `${unit} ${when.source}` : "";
}

describe("hooks that are killed", () => {
  test("while clusters form", async () => {
    await story.sandbox.mustJuju(["add-model", MODEL]);
    for (const site of [PRIMARY, STANDBY]) await deploy(story.sandbox, story.charm, site);
    const struck = await untilDespite(
      [
        { unit: "first/0", when: /Starting MySQL/ },
        { unit: "first/0", when: /Preparing MySQL/ },
        { unit: "first/0", when: /Creating cluster/ },
        { unit: "second/0", when: /Installing/ },
        { unit: "second/0", when: /Creating cluster/ },
        { unit: "second/1", when: /Starting MySQL/ },
      ],
      (status) => isActive(status, PRIMARY) && isActive(status, STANDBY),
    );
    expect(struck.length).toBeGreaterThanOrEqual(3);
    expect((await fingerprint(story.sandbox, MODEL, "first/0")).clusters).toBe("one");
    expect((await fingerprint(story.sandbox, MODEL, "second/1")).clusters).toBe("two");
  });

  test("while one becomes the standby of the other", async () => {
    await story.sandbox.mustJuju(["integrate", "-m", MODEL, "first:async-primary", "second:async-replica"]);
    const struck = await untilDespite(
      [
        { unit: "first/0", when: /Sharing the credentials/ },
        { unit: "second/0", when: /Preparing to become|Taking over/ },
        { unit: "second/0", when: /Dissolving/ },
        { unit: "first/0", when: /Adding cluster/ },
        { unit: "second/1", when: /Joining the cluster/ },
      ],
      (status) =>
        isActive(status, PRIMARY) &&
        isActive(status, STANDBY) &&
        isStandby(status, STANDBY) &&
        !isStandby(status, PRIMARY),
    );
    expect(struck.length).toBeGreaterThanOrEqual(2);
    const state = await eventually(
      () => setState(story.sandbox, MODEL, "first/0"),
      ({ status }) => status === "healthy",
      60_000,
    );
    expect(state).toMatchObject({ primaryCluster: "one", clusters: { two: { role: "replica" } } });
  });
});
