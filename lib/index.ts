// The framework's public face: what a charm may use.

export type { ActionContext } from "./action.ts";
export type { HookContext } from "./context.ts";
export { readContext } from "./context.ts";
export type { Bag, BagValue } from "./databag.ts";
export { applyBag, diffBag, readBag, toBag } from "./databag.ts";
export type { Breakpoint } from "./debug.ts";
export type { OperatorErrorOptions } from "./errors.ts";
export { ActionParameterError, OperatorError, toError } from "./errors.ts";
export type {
  ActionEvent,
  Event,
  LifecycleEvent,
  RelationEvent,
  SecretEvent,
  StorageEvent,
} from "./events.ts";
export { readEvent } from "./events.ts";
export type { ActionScope, Handlers } from "./handlers.ts";
export { charmOf } from "./handlers.ts";
export type {
  CloudCredential,
  GoalState,
  GoalStatus,
  NetworkAddress,
  NetworkInfo,
  OpenedPort,
  SecretInfo,
  StorageInfo,
} from "./hook-answers.ts";
export type { CommandOptions } from "./hook-commands/command.ts";
export { hookTools } from "./hook-commands/index.ts";
export type { HookToolReason } from "./hook-error.ts";
export { HookToolError, isRefusal } from "./hook-error.ts";
export type {
  Grantee,
  HookTools,
  Rotation,
  SecretAddOptions,
  SecretGetOptions,
  SecretRef,
  SecretSettings,
  ShownStatus,
} from "./hook-tools.ts";
export { jobMain, runJob } from "./job-runner.ts";
export type { JobSpec, JobState, Jobs, JobsOptions } from "./jobs.ts";
export { realJobs } from "./jobs.ts";
export type { Later, PendingWork } from "./later.ts";
export type { BufferedLog, Log, LogLevel, LogSink } from "./log.ts";
export { createLog } from "./log.ts";
export type {
  ActionName,
  ActionParams,
  BindingName,
  CharmMeta,
  ConfigValue,
  ConfigValues,
  EndpointName,
  OptionName,
  ResourceName,
  StorageName,
} from "./meta.ts";
export type { Leader, Model, Relation, State, Storage } from "./model.ts";
export { OptionError, readOptions } from "./options.ts";
export type { Port, PortWish } from "./ports.ts";
export type { Argv, DetachedOptions, Processes, RunOptions, RunResult } from "./process.ts";
export { ProcessError, realProcesses } from "./process.ts";
export type { Reboot } from "./reboot.ts";
export type { Decision, Domain, Outcome, ReconcilePorts, Row, Verdict } from "./reconcile.ts";
export { act, decideBy, reconcile, settled, stuck, wait } from "./reconcile.ts";
export type { NestedResults } from "./results.ts";
export { flattenResults } from "./results.ts";
export type { Charm, DispatchPorts, Scope } from "./run.ts";
export { main, runDispatch } from "./run.ts";
export type { OwnSecret, SecretRead } from "./secret-store.ts";
export type { SecretContent } from "./secrets.ts";
export { isSecretUri, redact, registerSecret, Secret, sameContent, secretKey } from "./secrets.ts";
export type { Status, StatusKind } from "./status.ts";
export { sameStatus, worst } from "./status.ts";
