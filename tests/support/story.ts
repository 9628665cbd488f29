// A story's sandbox: opened anew, with the charm built, and gone afterwards.

import { createHash } from "node:crypto";
import { rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { openSandbox, removeSandbox, type Sandbox, type StatusJson } from "../../sandbox/client.ts";
import { buildCharm } from "../../scripts/build.ts";

export interface Story {
  readonly sandbox: Sandbox;
  /** Folder of the built charm. */
  readonly charm: string;
}

const root = join(import.meta.dirname, "..", "..");

/** Another folder for each clone of the project: stories of two clones can be told at the same time. */
const clone = createHash("sha256")
  .update(import.meta.dirname)
  .digest("hex")
  .slice(0, 8);
export const storiesHome = join(tmpdir(), `mysql-charm-stories-${process.getuid?.() ?? 0}-${clone}`);

/** Opens the sandbox of a story. Its name is always the same, so that a run that was killed is cleaned up by the next. */
export async function beginStory(name: string): Promise<Story> {
  process.env["XDG_STATE_HOME"] = storiesHome;
  const sandboxName = `story-${name}`;
  await removeSandbox(sandboxName);
  // A folder of its own: another story may be about to build.
  const charm = await buildCharm({ target: join(root, "build", `story-${name}`) });
  return { charm, sandbox: await openSandbox(sandboxName) };
}

/** Ends a story's sandbox, unless a person wants to look at it: STORY_KEEP=1. */
export async function endStory(story: Story | undefined): Promise<void> {
  if (process.env["STORY_KEEP"] === undefined) {
    await story?.sandbox.destroy();
    // Only when no other story is kept in there.
    await rmdir(join(storiesHome, "juju-sandbox")).catch(() => undefined);
    await rmdir(storiesHome).catch(() => undefined);
  } else if (story !== undefined)
    console.log(`kept in ${story.sandbox.folder} (XDG_STATE_HOME=${storiesHome})`);
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
