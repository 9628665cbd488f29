// A story's sandbox: opened anew, with the charm built, and gone afterwards.

import { afterEach, beforeEach } from "vitest";
import { openSandbox, removeSandbox, type Sandbox, type StatusJson } from "../../sandbox/client.ts";
import { buildCharm } from "../../scripts/build.ts";

export interface Story {
  readonly sandbox: Sandbox;
  /** Folder of the built charm. */
  readonly charm: string;
}

/** Opens the sandbox of a story. Its name is its own, so that a run that was killed is cleaned up by the next one. */
export async function beginStory(name: string): Promise<Story> {
  const sandboxName = `story-${name}`;
  await removeSandbox(sandboxName);
  const charm = await buildCharm();
  return { charm, sandbox: await openSandbox(sandboxName) };
}

/** Ends a story's sandbox, unless a person wants to look at it: STORY_KEEP=1. */
export async function endStory(story: Story | undefined): Promise<void> {
  if (process.env["STORY_KEEP"] === undefined) await story?.sandbox.destroy();
}

/** For stories whose tests are chapters: what comes after one that failed is skipped. */
export function chapters(): void {
  let isBroken = false;
  beforeEach(({ skip }) => {
    if (isBroken) skip("an earlier chapter failed");
  });
  afterEach(({ task }) => {
    isBroken ||= task.result?.state === "fail";
  });
}

/** A unit's workload status as one text: `blocked: why`. Empty when there is no such unit. */
export function shown(status: StatusJson, unit: string): string {
  const found = status.applications[unit.split("/")[0] ?? ""]?.units?.[unit]?.["workload-status"];
  return found === undefined ? "" : `${found.current}: ${found.message ?? ""}`;
}

/** Waits until a unit's status is as described and its agent has nothing to do. */
export async function untilShown(
  { sandbox }: Story,
  model: string,
  unit: string,
  pattern: RegExp,
  timeoutMs = 120_000,
): Promise<string> {
  const status = await sandbox.waitFor(
    (now) =>
      pattern.test(shown(now, unit)) &&
      now.applications[unit.split("/")[0] ?? ""]?.units?.[unit]?.["juju-status"].current === "idle",
    { model, timeoutMs },
  );
  return shown(status, unit);
}
