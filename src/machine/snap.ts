// The adapter over snapd: the charmed-mysql snap at a pinned revision, and its service.
import { arch } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import type { Processes, RunResult } from "../../lib/index.ts";
import { paths, SERVICE, SNAP, SNAP_USER } from "./paths.ts";
import { type Files, type Snap, SnapFailed, type SnapState } from "./ports.ts";

/** Revisions of charmed-mysql 8.0.44, by Node's name of the architecture (pins of Charmed MySQL at its newest tag of 8.0). */
const PINS = "snap-revisions.json";
const pinsSchema = z.record(z.string(), z.string().regex(/^x?[1-9]\d*$/));

const COMMAND_TIMEOUT_MS = 60_000;
/** A download of some 300 MB on a slow line. */
const INSTALL_TIMEOUT_MS = 900_000;

/** The pins are read from the charm's own folder. */
export function snapd(processes: Processes, files: Files, charmDir: string): Snap {
  const pinned = async (): Promise<string> => {
    const text = await files.read(join(charmDir, PINS));
    const revision = pinsSchema.parse(JSON.parse(text ?? "{}"))[arch()];
    if (revision === undefined) throw new SnapFailed("install", `charmed-mysql is not built for ${arch()}`);
    return revision;
  };
  const snap = async (args: readonly string[], timeoutMs = COMMAND_TIMEOUT_MS): Promise<RunResult> =>
    processes.run(["snap", ...args], { timeoutMs });
  const must = async (args: readonly string[], timeoutMs?: number): Promise<string> => {
    const result = await snap(args, timeoutMs);
    if (result.code !== 0) throw new SnapFailed(args.join(" "), failureText(result));
    return result.stdout;
  };
  return {
    state: async () => readState(await snap(["list", SNAP]), files),
    install: async () => {
      await files.write(paths.installing, "");
      await must(["install", SNAP, `--revision=${await pinned()}`], INSTALL_TIMEOUT_MS);
      await must(["refresh", "--hold", SNAP]);
      await must(["alias", `${SNAP}.mysql`, "mysql"]);
      await files.makeFolder(paths.common, { owner: SNAP_USER });
      // Written last: an installation that was cut short is done again, which snapd takes for done.
      await files.write(paths.marker, "", { owner: SNAP_USER });
      await files.remove(paths.installing);
    },
    revision: async () => (await files.readLink(paths.snapRevision))?.split("/").at(-1),
    pinned,
    refresh: async (revision) => {
      await must(["refresh", SNAP, `--revision=${revision}`], INSTALL_TIMEOUT_MS);
      await must(["refresh", "--hold", SNAP]);
    },
    serviceActive: async () => isActive(await must(["services", SERVICE])),
    start: async () => void (await must(["start", "--enable", SERVICE])),
    // Not disabled: a machine that reboots while the charm has mysqld stopped must come back with it.
    stop: async () => void (await must(["stop", SERVICE])),
  };
}

async function readState(listed: RunResult, files: Files): Promise<SnapState> {
  if (listed.code !== 0) {
    if (
      /no matching snaps installed|not installed|no snaps are installed/i.test(
        `${listed.stderr}${listed.stdout}`,
      )
    ) {
      return { kind: "absent" };
    }
    throw new SnapFailed("list", failureText(listed));
  }
  const version = new RegExp(`^${SNAP}\\s+(\\S+)`, "m").exec(listed.stdout)?.[1];
  if (version === undefined) throw new SnapFailed("list", "its output does not list the snap");
  const has = async (path: string): Promise<boolean> => (await files.read(path)) !== undefined;
  if (await has(paths.marker)) return { kind: "installed", version };
  return (await has(paths.installing)) ? { kind: "absent" } : { kind: "foreign" };
}

/** Output of `snap services`: a table of Service, Startup, Current, Notes. */
function isActive(table: string): boolean {
  return table
    .split("\n")
    .some((line) => new RegExp(`^${SERVICE.replace(".", "\\.")}\\s+\\S+\\s+active\\b`).test(line));
}

function failureText(result: RunResult): string {
  if (result.timedOut) return "did not end in time";
  return (result.stderr.trim() || result.stdout.trim() || `exit code ${result.code}`).slice(0, 200);
}
