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

/** The status of a unit, or of an application, as one text: `blocked: why`. Empty when there is none of that name. */
export function shown(status: StatusJson, name: string): string {
  const [app = ""] = name.split("/");
  const application = status.applications[app];
  const found =
    name === app ? application?.["application-status"] : application?.units?.[name]?.["workload-status"];
  return found === undefined ? "" : `${found.current}: ${found.message ?? ""}`;
}

/** Waits until a unit or an application is as described and no agent of the application has anything to do. */
export async function untilShown(
  { sandbox }: Story,
  model: string,
  name: string,
  pattern: RegExp,
  timeoutMs = 90_000,
): Promise<string> {
  const [app = ""] = name.split("/");
  const status = await sandbox.waitFor(
    (now) =>
      pattern.test(shown(now, name)) &&
      Object.values(now.applications[app]?.units ?? {}).every(
        (unit) => unit["juju-status"].current === "idle",
      ),
    { model, timeoutMs },
  );
  return shown(status, name);
}
