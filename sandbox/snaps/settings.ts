// The verbs that start and stop services, name aliases and keep a snap's options.
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Arguments, oneName, SnapError } from "./arguments.ts";
import { installed, servicesOf } from "./catalogue.ts";
import type { Definition, Installation } from "./definition.ts";
import { isActive, startService, stopService } from "./services.ts";
import { lookUp, readState, type SnapState, snapState, writeSnap } from "./state.ts";

const COMMANDS = "/snap/bin";

interface Target {
  readonly definition: Definition;
  readonly snap: Installation;
  readonly state: SnapState;
  readonly services: readonly string[];
  /** A service was named, not its whole snap. */
  readonly explicit: boolean;
}

export async function start({ names, options }: Arguments): Promise<string> {
  for (const target of targetsOf(names)) {
    for (const service of target.services) await launch(target, service);
    if (options.has("enable")) await enable(target, true);
  }
  return "Started.\n";
}

export async function stop({ names, options }: Arguments): Promise<string> {
  for (const target of targetsOf(names)) {
    if (options.has("disable")) await enable(target, false);
    for (const service of target.services) await stopService(`${target.snap.name}.${service}`);
  }
  return "Stopped.\n";
}

/** A whole snap's restart leaves its stopped services stopped; a named service is started in any case. */
export async function restart({ names }: Arguments): Promise<string> {
  for (const target of targetsOf(names)) {
    for (const service of target.services) {
      const name = `${target.snap.name}.${service}`;
      if (!target.explicit && !isActive(name)) continue;
      await stopService(name);
      await launch(target, service);
    }
  }
  return "Restarted.\n";
}

/** The snaps and services that names such as "snap" and "snap.service" stand for. */
export function targetsOf(names: readonly string[]): readonly Target[] {
  if (names.length === 0) throw new SnapError("the required argument `<service>` was not provided");
  return names.map((name) => {
    const [snapName = "", app] = name.split(".", 2);
    const found = installed(snapName);
    const state = snapState(snapName);
    if (found === undefined || state === undefined) throw new SnapError(`snap "${snapName}" not found`);
    const all = servicesOf(found.definition);
    if (app !== undefined && !all.includes(app))
      throw new SnapError(`snap "${snapName}" has no service "${app}"`);
    return { ...found, state, services: app === undefined ? all : [app], explicit: app !== undefined };
  });
}

export async function alias({ names }: Arguments): Promise<string> {
  const [app = "", name] = names;
  if (name === undefined)
    throw new SnapError("the required arguments `<snap.app>` and `<alias>` were not provided");
  const [snapName = "", appName = ""] = app.split(".", 2);
  const { definition, state } = required(snapName);
  if (lookUp(definition.apps, appName)?.command === undefined) {
    const why = `cannot enable alias "${name}" for "${snapName}", no application "${appName}" in snap "${snapName}"`;
    throw new SnapError(why);
  }
  for (const [owner, { aliases }] of Object.entries(readState())) {
    const taken = lookUp(aliases, name);
    if (taken === appName && owner === snapName) return "";
    if (taken === undefined) continue;
    throw new SnapError(`cannot enable alias "${name}" for "${snapName}", already enabled for "${owner}"`);
  }
  const link = join(COMMANDS, name);
  // Nobody has this alias: a link there was left by one that was cut off before it was noted.
  await rm(link, { force: true });
  await symlink(app, link);
  await writeSnap(snapName, { ...state, aliases: { ...state.aliases, [name]: appName } });
  return `Added:\n  - ${app} as ${name}\n`;
}

export async function unalias(args: Arguments): Promise<string> {
  const name = oneName(args);
  for (const [owner, state] of Object.entries(readState())) {
    const gone = Object.entries(state.aliases).filter(([alias]) => alias === name || owner === name);
    if (gone.length === 0) continue;
    for (const [one] of gone) await rm(join(COMMANDS, one), { force: true });
    const kept = Object.entries(state.aliases).filter(([one]) => !gone.some(([other]) => other === one));
    await writeSnap(owner, { ...state, aliases: Object.fromEntries(kept) });
    return `Removed:\n${gone.map(([one, app]) => `  - ${owner}.${app} as ${one}\n`).join("")}`;
  }
  throw new SnapError(`cannot find manual alias "${name}" in any snap`);
}

export async function set({ names }: Arguments): Promise<string> {
  const [name = "", ...pairs] = names;
  const { state } = required(name);
  const config = { ...state.config };
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at > 0) config[pair.slice(0, at)] = pair.slice(at + 1);
    else if (pair.endsWith("!")) delete config[pair.slice(0, -1)];
    else throw new SnapError(`invalid configuration: "${pair}" (want key=value)`);
  }
  await writeSnap(name, { ...state, config });
  return "";
}

export async function unset(args: Arguments): Promise<string> {
  return await set({ ...args, names: args.names.map((name, index) => (index === 0 ? name : `${name}!`)) });
}

export function get({ names }: Arguments): string {
  const [name = "", ...keys] = names;
  const { config } = required(name).state;
  if (keys.length === 0) {
    const rows = Object.entries(config).toSorted(([a], [b]) => a.localeCompare(b, "en"));
    if (rows.length === 0) throw new SnapError(`snap "${name}" has no configuration`);
    return ["Key  Value", ...rows.map(([key, value]) => `${key}  ${value}`), ""].join("\n");
  }
  return keys.map((key) => `${optionOf(name, config, key)}\n`).join("");
}

function optionOf(name: string, config: SnapState["config"], key: string): string {
  const value = lookUp(config, key);
  if (value === undefined) throw new SnapError(`snap "${name}" has no "${key}" configuration option`);
  return value;
}

function required(name: string): { definition: Definition; snap: Installation; state: SnapState } {
  const found = installed(name);
  const state = snapState(name);
  if (found === undefined || state === undefined) throw new SnapError(`snap "${name}" is not installed`);
  return { ...found, state };
}

async function launch({ definition, snap }: Target, service: string): Promise<void> {
  const start = definition.apps[service]?.service;
  if (start !== undefined) await startService(`${snap.name}.${service}`, start(snap));
}

async function enable({ snap, services }: Target, on: boolean): Promise<void> {
  const { state } = required(snap.name);
  const others = state.enabled.filter((service) => !services.includes(service));
  await writeSnap(snap.name, { ...state, enabled: on ? [...others, ...services] : others });
}
