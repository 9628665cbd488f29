// The verbs that only show something, in the columns of the real command.
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { type Arguments, SnapError } from "./arguments.ts";
import { installed } from "./catalogue.ts";
import { isActive, serviceLog } from "./services.ts";
import { targetsOf } from "./settings.ts";
import { readState } from "./state.ts";

export function list({ names }: Arguments): string {
  const state = readState();
  const shown = Object.entries(state).filter(([name]) => names.length === 0 || names.includes(name));
  if (shown.length === 0) {
    if (names.length > 0) throw new SnapError("no matching snaps installed");
    process.stderr.write("No snaps are installed yet. Try 'snap install hello-world'.\n");
    return "";
  }
  const rows = shown.map(([name, { revision, channel, held }]) => {
    const found = installed(name);
    const publisher = `${(found?.definition.publisher ?? "-").toLowerCase()}**`;
    return [name, found?.snap.facts.version ?? "-", revision, channel, publisher, held ? "held" : "-"];
  });
  return table([["Name", "Version", "Rev", "Tracking", "Publisher", "Notes"], ...rows]);
}

export function services({ names }: Arguments): string {
  const wanted = names.length > 0 ? names : Object.keys(readState());
  const targets = wanted.length > 0 ? targetsOf(wanted) : [];
  if (targets.length === 0) {
    process.stderr.write("There are no services provided by installed snaps.\n");
    return "";
  }
  const rows = targets.flatMap(({ snap, state, services: all }) =>
    all.map((service) => {
      const name = `${snap.name}.${service}`;
      const startup = state.enabled.includes(service) ? "enabled" : "disabled";
      return [name, startup, isActive(name) ? "active" : "inactive", "-"];
    }),
  );
  return table([["Service", "Startup", "Current", "Notes"], ...rows]);
}

export function logs({ names, options }: Arguments): string {
  const lines = Number(options.get("n") ?? "10");
  const texts = targetsOf(names).flatMap(({ snap, services: all }) =>
    all.map((service) => serviceLog(`${snap.name}.${service}`)).filter((file) => existsSync(file)),
  );
  return texts
    .flatMap((file) => readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines))
    .map((line) => `${line}\n`)
    .join("");
}

export function aliases(): string {
  const rows = Object.entries(readState()).flatMap(([snap, state]) =>
    Object.entries(state.aliases).map(([alias, app]) => [`${snap}.${app}`, alias, "manual"]),
  );
  if (rows.length > 0) return table([["Command", "Alias", "Notes"], ...rows]);
  process.stderr.write("No aliases are currently defined.\n");
  return "";
}

export function version(): string {
  const kernel = release();
  return table([
    ["snap", "sandbox"],
    ["snapd", "sandbox"],
    ["series", "16"],
    ["kernel", kernel],
  ]);
}

/** Left-aligned columns, two spaces apart, no trailing blanks. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${rows.map(line).join("\n")}\n`;
}
