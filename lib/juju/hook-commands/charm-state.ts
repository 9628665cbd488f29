// state-get, state-set and state-delete: the charm's own small store, kept by the controller.
import type { HookContext } from "../hook-context.ts";
import type { Settings } from "../model.ts";
import { type Call, type CommandTable, readStringMap } from "./command.ts";
import { CommandError, parseKeyValues, quote, refuseRest, UsageError } from "./flags.ts";

const maxKeyBytes = 256;
const maxValueBytes = 65_536;
const maxTotalBytes = 2 * 1024 * 1024;

export const stateCommands: CommandTable = {
  "state-get": { format: "smart", flags: { strict: { kind: "bool" } }, run: stateGet },
  "state-set": { flags: { file: { kind: "value" } }, run: stateSet },
  "state-delete": { run: stateDelete },
};

function current(context: HookContext): Settings {
  return context.writes.charmState ?? context.unit.charmState;
}

function stateGet(call: Call): unknown {
  const [key, ...rest] = call.args;
  refuseRest(rest);
  const state = current(call.context);
  if (key === undefined || key === "-") return state;
  const value = state[key];
  if (value === undefined && call.on("strict")) throw new CommandError(`${quote(key)} not found`);
  return value ?? "";
}

function stateSet(call: Call): void {
  const path = call.flag("file");
  const given = parseKeyValues(call.args);
  const values = path === undefined ? given : { ...readStringMap(call, path), ...given };
  const next = { ...current(call.context) };
  for (const [key, value] of Object.entries(values)) {
    if (Buffer.byteLength(key) > maxKeyBytes)
      throw new CommandError(`max allowed key length (${maxKeyBytes}) exceeded`);
    if (Buffer.byteLength(value) > maxValueBytes) {
      throw new CommandError(`max allowed value length (${maxValueBytes}) exceeded`);
    }
    if (value === "") delete next[key];
    else next[key] = value;
  }
  const total = Object.entries(next).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (total > maxTotalBytes)
    throw new CommandError(`max allowed charm state size (${maxTotalBytes}) exceeded`);
  call.context.writes.charmState = next;
}

function stateDelete(call: Call): void {
  const [key, ...rest] = call.args;
  if (key === undefined) throw new UsageError("no key specified");
  refuseRest(rest);
  const { [key]: _gone, ...next } = current(call.context);
  call.context.writes.charmState = next;
}
