// What a unit says of itself and asks about itself: configuration, status, leadership, version and log.
import { type HookContext, isLeader, type LogLevel } from "../hook-context.ts";
import type { StatusInfo } from "../model.ts";
import { setApplication, setWorkload } from "../statuses.ts";
import { type Call, type CommandTable, requireLeader } from "./command.ts";
import { CommandError, parseKeyValues, quote, refuseRest, UsageError } from "./flags.ts";

const settableStatuses = ["maintenance", "blocked", "waiting", "active"];
const logLevels: readonly LogLevel[] = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

export const unitCommands: CommandTable = {
  "is-leader": { format: "smart", run: answerLeader },
  "leader-get": { format: "smart", run: leaderGet },
  "leader-set": { run: leaderSet },
  "config-get": { format: "smart", flags: { all: { kind: "bool", short: "a" } }, run: configGet },
  "status-get": {
    format: "smart",
    flags: { "include-data": { kind: "bool" }, application: { kind: "bool" } },
    run: statusGet,
  },
  "status-set": { flags: { application: { kind: "bool" } }, run: statusSet },
  "application-version-set": { run: versionSet },
  "juju-log": {
    flags: { debug: { kind: "bool" }, "log-level": { kind: "value", short: "l" }, format: { kind: "value" } },
    run: jujuLog,
  },
  "juju-reboot": { flags: { now: { kind: "bool" } }, run: reboot },
};

function answerLeader(call: Call): boolean {
  refuseRest(call.args);
  return isLeader(call.context);
}

function leaderGet(call: Call): unknown {
  const [key, ...rest] = call.args;
  if (key?.includes("=")) throw new UsageError(`invalid key ${quote(key)}`);
  refuseRest(rest);
  const settings = call.context.model.applications[call.context.unit.application]?.leaderSettings ?? {};
  return key === undefined || key === "-" ? settings : (settings[key] ?? null);
}

function leaderSet(call: Call): void {
  const settings = parseKeyValues(call.args);
  requireLeader(call.context, "cannot write leadership settings: cannot write settings: not the leader");
  const application = call.context.model.applications[call.context.unit.application];
  if (application === undefined) throw new CommandError("cannot write leadership settings");
  const merged = Object.entries({ ...application.leaderSettings, ...settings }).filter(
    ([, value]) => value !== "",
  );
  application.leaderSettings = Object.fromEntries(merged);
  application.leaderSettingsVersion += 1;
  call.context.world.changed();
}

function configGet(call: Call): unknown {
  const [key, ...rest] = call.args;
  const all = call.on("all");
  if (key !== undefined && all)
    throw new UsageError(`cannot use argument --all together with key ${quote(key)}`);
  refuseRest(rest);
  const config = configOf(call.context);
  if (key !== undefined) return config[key] ?? null;
  return Object.fromEntries(Object.entries(config).filter(([, value]) => all || value !== null));
}

/** Every option of the charm with its value, its default or null; read once per run. */
function configOf(context: HookContext): Readonly<Record<string, unknown>> {
  if (context.configRead !== null) return context.configRead;
  const options = context.world.state.charms[context.unit.local.charm]?.options ?? {};
  const set = context.model.applications[context.unit.application]?.config ?? {};
  context.configRead = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, set[name] ?? option.default ?? null]),
  );
  return context.configRead;
}

function statusGet(call: Call): unknown {
  const { context } = call;
  refuseRest(call.args);
  if (!call.on("application")) {
    context.statusRead ??= context.unit.workload;
    const { status, message } = context.statusRead;
    return call.on("include-data") ? { message, status, "status-data": {} } : statusAlone(call, status);
  }
  requireLeader(context, "finding application status: this unit is not the leader");
  const shown = (info: StatusInfo | null): object => ({
    message: info?.message ?? "",
    status: info?.status ?? "unknown",
    "status-data": {},
  });
  const units = Object.values(context.model.units).filter(
    (unit) => unit.application === context.unit.application,
  );
  const application = context.model.applications[context.unit.application];
  return {
    "application-status": {
      ...shown(application?.status ?? null),
      units: Object.fromEntries(units.map((unit) => [unit.name, shown(unit.workload)])),
    },
  };
}

/** The bare word for people, a map for programs. */
function statusAlone(call: Call, status: string): unknown {
  const format = call.flag("format") ?? "smart";
  return format === "smart" ? status : { status };
}

function statusSet(call: Call): void {
  const { context } = call;
  const [status, ...words] = call.args;
  if (status === undefined) throw new UsageError("invalid args, require <status> [message]");
  if (!settableStatuses.includes(status)) {
    throw new UsageError(`invalid status ${quote(status)}, expected one of [${settableStatuses.join(" ")}]`);
  }
  refuseRest(words.slice(1));
  const info = { status, message: words[0] ?? "", since: new Date(context.world.now()).toISOString() };
  if (call.on("application")) {
    requireLeader(context, "this unit is not the leader");
    const application = context.model.applications[context.unit.application];
    if (application !== undefined) setApplication(application, info);
  } else {
    setWorkload(context.unit, info);
  }
  context.world.changed();
}

function versionSet(call: Call): void {
  const [version, ...rest] = call.args;
  if (version === undefined) throw new UsageError("no version specified");
  refuseRest(rest);
  const application = call.context.model.applications[call.context.unit.application];
  if (application !== undefined) application.workloadVersion = version;
  call.context.world.changed();
}

function jujuLog(call: Call): void {
  const { context, args } = call;
  if (args.length === 0) throw new UsageError("no message specified");
  const logger = `unit.${context.unit.name}.juju-log`;
  const asked = (call.flag("log-level") ?? "INFO").toUpperCase();
  const level = call.on("debug") ? "DEBUG" : logLevels.find((known) => known === asked);
  if (level === undefined) {
    context.world.log(
      "WARNING",
      logger,
      `Specified log level of ${quote(call.flag("log-level") ?? "")} is not valid; using INFO.`,
    );
  }
  const { hook } = context.run;
  const prefix = hook !== null && "relation" in hook ? `${hook.endpoint}:${hook.relation}: ` : "";
  context.world.log(level ?? "INFO", logger, `${prefix}${args.join(" ")}`);
}

function reboot(call: Call): void {
  refuseRest(call.args);
  if (call.context.run.task !== null)
    throw new CommandError("juju-reboot is not supported when running an action.");
  call.context.reboot = call.on("now") ? "now" : "after";
}
