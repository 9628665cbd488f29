// The environment of a dispatch, built from nothing as Juju builds it. Pure.
import type { HookContext } from "./hook-context.ts";
import { type HookInfo, hookName } from "./local-state.ts";
import { relationIdText } from "./relations.ts";

/** The Juju whose behaviour the sandbox follows. */
export const JUJU_VERSION = "3.6.27";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin";

export interface UnitPaths {
  readonly agentDir: string;
  readonly charmDir: string;
  readonly toolsDir: string;
  readonly socket: string;
}

/** Where a unit's things are inside its machine. */
export function unitPaths(unit: string): UnitPaths {
  const tag = `unit-${unit.replace("/", "-")}`;
  const agentDir = `/var/lib/juju/agents/${tag}`;
  return {
    agentDir,
    charmDir: `${agentDir}/charm`,
    toolsDir: `/var/lib/juju/tools/${tag}`,
    socket: `${agentDir}/agent.socket`,
  };
}

/** What is being run, as Juju spells it in a path: `hooks/start`, `actions/backup`; "" for a command line. */
export function dispatchPath(context: HookContext): string {
  const { hook, task } = context.run;
  if (task !== null) return task.name === "juju-exec" ? "" : `actions/${task.name}`;
  return hook === null ? "" : `hooks/${hookName(hook)}`;
}

/** The whole environment of one run. */
export function environmentOf(context: HookContext): Record<string, string> {
  const { hook, task, scope } = context.run;
  const { model, unit } = context;
  const paths = unitPaths(unit.name);
  const path = dispatchPath(context);
  return {
    ...baseEnvironment(context),
    CHARM_DIR: paths.charmDir,
    JUJU_CHARM_DIR: paths.charmDir,
    JUJU_HOOK_NAME: hook === null ? "" : hookName(hook),
    ...(path === "" ? {} : { JUJU_DISPATCH_PATH: path }),
    ...(scope === null
      ? {}
      : {
          JUJU_RELATION:
            hook !== null && "endpoint" in hook ? hook.endpoint : endpointName(context, scope.relation),
          JUJU_RELATION_ID: idText(context, scope.relation),
          JUJU_REMOTE_APP: scope.remoteApp,
          JUJU_REMOTE_UNIT: scope.remoteUnit,
        }),
    ...(hook === null ? {} : hookVariables(hook, model.storage)),
    ...(task === null
      ? {}
      : { JUJU_ACTION_NAME: task.name, JUJU_ACTION_UUID: task.id, JUJU_ACTION_TAG: `action-${task.id}` }),
  };
}

function baseEnvironment(context: HookContext): Record<string, string> {
  const { model, unit } = context;
  const paths = unitPaths(unit.name);
  return {
    APT_LISTCHANGES_FRONTEND: "none",
    CLOUD_API_VERSION: "",
    DEBIAN_FRONTEND: "noninteractive",
    JUJU_AGENT_SOCKET_ADDRESS: paths.socket,
    JUJU_AGENT_SOCKET_NETWORK: "unix",
    JUJU_API_ADDRESSES: `10.${model.site}.0.1:17070`,
    JUJU_AVAILABILITY_ZONE: "",
    JUJU_CHARM_FTP_PROXY: "",
    JUJU_CHARM_HTTPS_PROXY: "",
    JUJU_CHARM_HTTP_PROXY: "",
    JUJU_CHARM_NO_PROXY: "127.0.0.1,localhost,::1",
    JUJU_CONTEXT_ID: context.id,
    JUJU_MACHINE_ID: unit.machine,
    JUJU_METER_INFO: "",
    JUJU_METER_STATUS: "AMBER",
    JUJU_MODEL_NAME: model.name,
    JUJU_MODEL_UUID: model.uuid,
    JUJU_PRINCIPAL_UNIT: "",
    JUJU_SLA: "unsupported",
    JUJU_UNIT_NAME: unit.name,
    JUJU_VERSION,
    LANG: "C.UTF-8",
    PATH: `${paths.toolsDir}:${SYSTEM_PATH}`,
    TERM: "tmux-256color",
  };
}

function hookVariables(
  hook: HookInfo,
  storage: Readonly<Record<string, { readonly location: string; readonly kind: string }>>,
): Record<string, string> {
  switch (hook.kind) {
    case "relation-departed":
      return { JUJU_DEPARTING_UNIT: hook.departingUnit ?? hook.remoteUnit };
    case "storage-attached":
    case "storage-detaching":
      return {
        JUJU_STORAGE_ID: hook.storage,
        JUJU_STORAGE_LOCATION: storage[hook.storage]?.location ?? "",
        JUJU_STORAGE_KIND: storage[hook.storage]?.kind ?? "filesystem",
      };
    case "secret-changed":
    case "secret-rotate":
      return { JUJU_SECRET_ID: hook.uri, JUJU_SECRET_LABEL: hook.label };
    case "secret-expired":
    case "secret-remove":
      return {
        JUJU_SECRET_ID: hook.uri,
        JUJU_SECRET_LABEL: hook.label,
        JUJU_SECRET_REVISION: String(hook.revision),
      };
    default:
      return {};
  }
}

function idText(context: HookContext, relation: number): string {
  const record = context.model.relations[relation];
  if (record !== undefined) return relationIdText(record, context.unit.application);
  return `${endpointName(context, relation)}:${relation}`;
}

function endpointName(context: HookContext, relation: number): string {
  return context.unit.local.relations[relation]?.endpoint ?? "";
}
