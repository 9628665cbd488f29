// What a unit shows and asks for itself: statuses at once, ports and the workload's version at the end of the hook.

import type { HookTools } from "./hook-tools.ts";
import { oneLine } from "./plain-text.ts";
import { type PortWish, portChanges } from "./ports.ts";
import { redact } from "./secrets.ts";
import type { Status } from "./status.ts";
import { ownKey, type StoredState } from "./stored-state.ts";

type Target = "unit" | "app";
type Shown = Awaited<ReturnType<HookTools["statusGet"]>>;

/** More than anybody reads in a table. */
const longestMessage = 1000;

export interface Statuses {
  /** What Juju shows, with what this hook has set. */
  get(target: Target): Promise<Shown>;
  /** In one line, without secrets. Does nothing when that is shown already. */
  set(target: Target, status: Status): Promise<void>;
}

export function unitStatuses(tools: Pick<HookTools, "statusGet" | "statusSet">): Statuses {
  // status-get does not show what this hook has set, so that is remembered here.
  const shown = new Map<Target, Promise<Shown>>();
  const get = (target: Target): Promise<Shown> => {
    const known = shown.get(target) ?? tools.statusGet(target);
    shown.set(target, known);
    return known;
  };
  return {
    get,
    set: async (target, { kind, message }) => {
      const status: Status = { kind, message: oneLine(redact(message), longestMessage) };
      const current = await get(target);
      if (current.kind !== status.kind || current.message !== status.message) {
        await tools.statusSet(target, status);
      }
      shown.set(target, Promise.resolve(status));
    },
  };
}

export interface BufferedSettings {
  version(version: string): void;
  /** Exactly these are open when the hook has succeeded. */
  ports(ports: readonly PortWish<string>[]): void;
  flush(): Promise<void>;
}

/** Juju tells nobody the workload's version, so what was told last is kept in the unit's state. */
const versionKey = ownKey("workload-version");

export function bufferedSettings(
  tools: Pick<HookTools, "applicationVersionSet" | "openedPorts" | "openPort" | "closePort">,
  state: StoredState,
): BufferedSettings {
  let wantedVersion: string | undefined;
  let wantedPorts: readonly PortWish<string>[] | undefined;
  const flushVersion = async (version: string): Promise<void> => {
    if ((await state.text(versionKey)) === version) return;
    await tools.applicationVersionSet(version);
    state.setText(versionKey, version);
  };
  const flushPorts = async (ports: readonly PortWish<string>[]): Promise<void> => {
    const { close, open } = portChanges(await tools.openedPorts(), ports);
    for (const { range, endpoints } of close) await tools.closePort(range, endpoints);
    for (const { range, endpoints } of open) await tools.openPort(range, endpoints);
  };
  return {
    version: (version) => {
      wantedVersion = version;
    },
    ports: (ports) => {
      wantedPorts = ports;
    },
    flush: async () => {
      if (wantedVersion !== undefined) await flushVersion(wantedVersion);
      if (wantedPorts !== undefined) await flushPorts(wantedPorts);
      wantedVersion = undefined;
      wantedPorts = undefined;
    },
  };
}
