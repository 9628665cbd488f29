// The verbs that put a revision of a snap on the machine, change it and take it away.
import { chmod, cp, mkdir, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError, run } from "../machine/run.ts";
import { type Arguments, channelOf, oneName, SnapError } from "./arguments.ts";
import { definitionOf, factsOf, installed, servicesOf } from "./catalogue.ts";
import { type Definition, type Installation, installation, storeFolder } from "./definition.ts";
import { isActive, startService, stopService } from "./services.ts";
import { readState, type SnapState, snapState, writeSnap } from "./state.ts";

const COMMANDS = "/snap/bin";

export async function install(args: Arguments): Promise<string> {
  const name = oneName(args);
  if (snapState(name) !== undefined) {
    process.stderr.write(`snap "${name}" is already installed, see 'snap help refresh'\n`);
    return "";
  }
  const definition = definitionOf(name);
  if (definition === undefined) throw new SnapError(`snap "${name}" not found`);
  const channel = channelOf(args, trackOf(definition)) ?? definition.channel;
  const snap = installation(name, revisionOf(args) ?? definition.revision, factsOf(name));
  try {
    await place(definition, snap);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new SnapError(
      `cannot perform the following tasks:\n- Run install hook of "${name}" snap (run hook "install": ${error.message})`,
    );
  }
  const state: SnapState = {
    revision: snap.revision,
    channel,
    held: false,
    enabled: [],
    aliases: {},
    config: {},
  };
  await writeSnap(name, state);
  const shown = channel.endsWith("/stable") || args.options.has("revision") ? "" : ` (${channel})`;
  return `${name}${shown} ${snap.facts.version} from ${definition.publisher}** installed\n`;
}

export async function refresh(args: Arguments): Promise<string> {
  const name = oneName(args);
  const state = snapState(name);
  const found = installed(name);
  if (state === undefined || found === undefined) throw new SnapError(`snap "${name}" is not installed`);
  if (args.options.has("hold")) {
    await writeSnap(name, { ...state, held: true });
    return `General refreshes of "${name}" held indefinitely\n`;
  }
  if (args.options.has("unhold")) {
    await writeSnap(name, { ...state, held: false });
    return `Removed general refresh hold of "${name}"\n`;
  }
  const revision = revisionOf(args) ?? state.revision;
  const channel = channelOf(args, trackOf(found.definition)) ?? state.channel;
  if (revision === state.revision && channel === state.channel) {
    process.stderr.write(`snap "${name}" has no updates available\n`);
    return "";
  }
  if (revision !== state.revision) await replace(found.definition, found.snap, revision);
  await writeSnap(name, { ...state, revision, channel });
  return `${name} ${found.snap.facts.version} from ${found.definition.publisher}** refreshed\n`;
}

export async function remove(args: Arguments): Promise<string> {
  const name = oneName(args);
  const found = installed(name);
  const state = snapState(name);
  if (found === undefined || state === undefined) {
    process.stderr.write(`snap "${name}" is not installed\n`);
    return "";
  }
  for (const service of servicesOf(found.definition)) await stopService(`${name}.${service}`);
  for (const alias of Object.keys(state.aliases)) await rm(join(COMMANDS, alias), { force: true });
  for (const file of await readdir(COMMANDS)) {
    if (file === name || file.startsWith(`${name}.`)) await rm(join(COMMANDS, file));
  }
  await unmountAll(join("/snap", name));
  await rm(join("/snap", name), { recursive: true });
  await empty(join("/var/snap", name));
  await writeSnap(name, undefined);
  return `${name} removed\n`;
}

/** At boot: mounts what is installed and starts what is enabled. */
export async function boot(): Promise<void> {
  for (const [name, state] of Object.entries(readState())) {
    const found = installed(name);
    if (found === undefined) continue;
    await mountRevision(found.snap);
    for (const service of state.enabled) {
      const definition = found.definition.apps[service]?.service;
      if (definition !== undefined) await startService(`${name}.${service}`, definition(found.snap));
    }
  }
}

async function place(definition: Definition, snap: Installation): Promise<void> {
  await mountRevision(snap);
  await mkdir(join("/var/snap", snap.name, snap.revision), { recursive: true });
  await link(snap.revision, snap.data);
  await mkdir(snap.common, { recursive: true });
  await definition.install(snap);
  await mkdir(COMMANDS, { recursive: true });
  for (const [app, { command }] of Object.entries(definition.apps)) {
    if (command === undefined) continue;
    const file = join(COMMANDS, app === snap.name ? app : `${snap.name}.${app}`);
    await writeFile(file, `#!/bin/sh\n${command(snap)}\n`);
    await chmod(file, 0o755);
  }
}

/** Another revision of a snap has the data of the one before it, and its services run again if they did. */
async function replace(definition: Definition, old: Installation, revision: string): Promise<void> {
  const active = servicesOf(definition).filter((service) => isActive(`${old.name}.${service}`));
  for (const service of active) await stopService(`${old.name}.${service}`);
  const data = join("/var/snap", old.name);
  await cp(join(data, old.revision), join(data, revision), {
    recursive: true,
    verbatimSymlinks: true,
    force: true,
  });
  const snap = installation(old.name, revision, old.facts);
  await place(definition, snap);
  for (const service of active) {
    const start = definition.apps[service]?.service;
    if (start !== undefined) await startService(`${old.name}.${service}`, start(snap));
  }
}

/** Mounts every folder that the store has of a snap below /snap/<name>/<revision>/, as snapd mounts its image. */
async function mountRevision({ name, revision, mount }: Installation): Promise<void> {
  const usr = join("/snap", name, revision, "usr");
  await mkdir(usr, { recursive: true });
  if (!(await isMountPoint(usr))) await run(["mount", "--rbind", join(storeFolder(name), "usr"), usr]);
  await link(revision, mount);
}

/** Points a relative link at a sibling. */
async function link(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await rm(path, { force: true });
  await symlink(target, path);
}

async function unmountAll(folder: string): Promise<void> {
  for (const revision of await readdir(folder)) {
    const usr = join(folder, revision, "usr");
    if (revision !== "current" && (await isMountPoint(usr))) await run(["umount", "--recursive", usr]);
  }
}

/** Removes a snap's data, but nothing of a storage that is mounted there: that is not the snap's. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!(await isMountPoint(path))) await rm(path, { recursive: true });
  }
}

async function isMountPoint(path: string): Promise<boolean> {
  return (await run(["mountpoint", "--quiet", path]).catch(() => undefined)) !== undefined;
}

function revisionOf({ options }: Arguments): string | undefined {
  const revision = options.get("revision");
  if (revision === undefined || /^x?[1-9]\d*$/.test(revision)) return revision;
  throw new SnapError(
    `invalid argument for flag \`--revision' (expected a revision): invalid snap revision: "${revision}"`,
  );
}

function trackOf(definition: Definition): string {
  return definition.channel.split("/")[0] ?? "latest";
}
