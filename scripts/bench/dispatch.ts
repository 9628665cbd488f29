// What one dispatch costs, side by side with a charm of Python ops that does the same work with the same answers.
import { execFile } from "node:child_process";
import { cp, link, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CharmMeta } from "../../lib/index.ts";
import { charmMeta } from "../../src/generated/charm-meta.ts";
import { buildCharm } from "../build.ts";
import { type Answers, type HookStubs, makeHookStubs } from "./hook-stubs.ts";
import { type Measured, median, type Progress, rounded } from "./measure.ts";
import { findOps, makeOpsCharm, type Ops } from "./ops.ts";

const run = promisify(execFile);
const WARM_UPS = 3;
const RUNS = 21;
const DISPATCH_TIMEOUT_MS = 60_000;

interface Scene {
  readonly field: "updateStatus" | "relationChanged";
  readonly title: string;
  /** Built folder of the charm. */
  readonly charm: string;
  readonly unit: string;
  readonly env: Readonly<Record<string, string>>;
  readonly answers: Answers;
}

interface Cost {
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly processes: number;
}

/** Measures both hooks. Both sides run in turn, so that a machine that gets busy slows both. */
export async function measureDispatch(progress: Progress): Promise<Measured> {
  const ops = await findOps(progress);
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    const scenes = [updateStatus(await buildCharm()), relationChanged(await buildGuestbook())];
    const figures: Record<string, unknown> = {};
    const lines: string[] = [];
    for (const scene of scenes) {
      progress(`measuring ${scene.title}`);
      const { ours, theirs } = await compare(scene, ops, folder);
      figures[scene.field] = figuresOf(ours, theirs);
      lines.push(`${scene.title}:`, line("this framework", ours));
      lines.push(
        theirs === undefined ? "  Python ops      left out" : line(`Python ops ${ops?.version}`, theirs),
      );
      if (theirs !== undefined) lines.push(`  ratio of CPU time ${rounded(ours.cpuMs / theirs.cpuMs, 2)}`);
    }
    return { figures: { dispatch: figures }, lines };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function buildGuestbook(): Promise<string> {
  return buildCharm({ folder: join(import.meta.dirname, "..", "..", "examples", "guestbook") });
}

function figuresOf(ours: Cost, theirs: Cost | undefined): object {
  return {
    cpuMs: rounded(ours.cpuMs),
    opsCpuMs: theirs === undefined ? null : rounded(theirs.cpuMs),
    ratio: theirs === undefined ? null : rounded(ours.cpuMs / theirs.cpuMs, 3),
    peakMiB: rounded(ours.peakMiB),
    processes: ours.processes,
    opsPeakMiB: theirs === undefined ? null : rounded(theirs.peakMiB),
    opsProcesses: theirs?.processes ?? null,
  };
}

function line(who: string, { cpuMs, peakMiB, processes }: Cost): string {
  return `  ${who.padEnd(16)}${cpuMs.toFixed(1).padStart(7)} ms CPU  ${peakMiB.toFixed(0).padStart(4)} MiB  ${processes} processes`;
}

async function compare(
  scene: Scene,
  ops: Ops | undefined,
  folder: string,
): Promise<{ ours: Cost; theirs: Cost | undefined }> {
  const stubs = await makeHookStubs(folder, scene.answers);
  const places = [await placeCharm(scene.charm, join(folder, `ours-${scene.field}`, "charm"))];
  if (ops !== undefined) {
    const place = join(folder, `ops-${scene.field}`);
    await makeOpsCharm(ops, place, scene.charm);
    places.push(place);
  }
  const samples: Cost[][] = places.map(() => []);
  for (let round = 0; round < WARM_UPS + RUNS; round++) {
    for (const [at, place] of places.entries()) {
      const cost = await dispatch(place, scene, stubs);
      if (round >= WARM_UPS) samples[at]?.push(cost);
    }
  }
  const [ours, theirs] = samples.map(middle);
  if (ours === undefined) throw new Error("nothing was measured");
  return { ours, theirs };
}

/** A copy of a built charm, as Juju unpacks it for a unit. The Node binary is the same file. */
async function placeCharm(built: string, place: string): Promise<string> {
  const node = join("runtime", "node");
  await cp(built, place, { recursive: true, filter: (source) => source !== join(built, node) });
  await link(join(built, node), join(place, node)).catch(() => cp(join(built, node), join(place, node)));
  return place;
}

async function dispatch(place: string, { unit, env, field }: Scene, stubs: HookStubs): Promise<Cost> {
  const hook = { JUJU_UNIT_NAME: unit, JUJU_CHARM_DIR: place, CHARM_DIR: place, PATH: stubs.path, ...env };
  const { stdout, stderr } = await run(
    "/usr/bin/perl",
    [join(import.meta.dirname, "time.pl"), join(place, "dispatch")],
    { cwd: place, env: { ...common, ...hook }, timeout: DISPATCH_TIMEOUT_MS },
  );
  const [cpuUs = 0, peakKiB = 0, code = 1] = stdout.trim().split(" ").map(Number);
  if (code !== 0) throw new Error(`${field}: ${place}/dispatch exited ${code}: ${stderr}`);
  const calls = await stubs.takeCalls();
  return { cpuMs: cpuUs / 1000, peakMiB: peakKiB / 1024, processes: 1 + calls.length };
}

function middle(costs: readonly Cost[]): Cost {
  return {
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    peakMiB: median(costs.map(({ peakMiB }) => peakMiB)),
    processes: median(costs.map(({ processes }) => processes)),
  };
}

/** What Juju 3.6 puts into the environment of every hook, as far as either side reads it. */
const common: Readonly<Record<string, string>> = {
  JUJU_MODEL_NAME: "bench",
  JUJU_MODEL_UUID: "11111111-2222-4333-8444-555555555555",
  JUJU_VERSION: "3.6.8",
  JUJU_MACHINE_ID: "0",
  JUJU_AGENT_SOCKET_ADDRESS: "@/dev/null",
  JUJU_AGENT_SOCKET_NETWORK: "unix",
  JUJU_PRINCIPAL_UNIT: "",
  JUJU_AVAILABILITY_ZONE: "",
  LANG: "C.UTF-8",
  TERM: "tmux-256color",
};

const silent: Answers = { "juju-log": "", "status-set": "", "relation-set": "" };
const shownStatus = { status: "active", message: "", "status-data": {} };

/** The charm of this repository finds a bad option and says so: options read, the unit's and the application's status told. */
function updateStatus(charm: string): Scene {
  return {
    field: "updateStatus",
    title: "update-status (reads the options, tells two statuses; the mysql charm's own bundle)",
    charm,
    unit: "mysql/0",
    env: {
      JUJU_DISPATCH_PATH: "hooks/update-status",
      JUJU_HOOK_NAME: "update-status",
      JUJU_CONTEXT_ID: "mysql/0-update-status-0",
    },
    answers: {
      ...silent,
      "config-get": { ...optionDefaults(charmMeta), profile: "nonsense" },
      "status-get": shownStatus,
      "is-leader": true,
    },
  };
}

function optionDefaults({ config }: CharmMeta): Readonly<Record<string, unknown>> {
  const given = Object.entries(config).filter(([, option]) => option.default !== undefined);
  return Object.fromEntries(given.map(([name, option]) => [name, option.default]));
}

/** The example's host greets one guest: remote data read and checked, own data written, one status told. */
function relationChanged(charm: string): Scene {
  return {
    field: "relationChanged",
    title: "relation-changed (reads a guest's data, writes a greeting, tells one status; the example charm)",
    charm,
    unit: "guestbook/0",
    env: {
      JUJU_DISPATCH_PATH: "hooks/guests-relation-changed",
      JUJU_HOOK_NAME: "guests-relation-changed",
      JUJU_CONTEXT_ID: "guestbook/0-guests-relation-changed-0",
      JUJU_RELATION: "guests",
      JUJU_RELATION_ID: "guests:1",
      JUJU_REMOTE_APP: "ada",
      JUJU_REMOTE_UNIT: "ada/0",
    },
    answers: {
      ...silent,
      "config-get": { name: "", salutation: "Hello" },
      "status-get": shownStatus,
      "is-leader": true,
      "relation-ids": [],
      "relation-ids guests": ["guests:1"],
      "relation-list": ["ada/0"],
      "relation-get": {},
      "relation-get -r 1 - ada/0": { name: "Ada" },
      "relation-get -r guests:1 - ada/0": { name: "Ada" },
    },
  };
}
