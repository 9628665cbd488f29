// The only reader of the process environment: what Juju says about this unit, as frozen data.

/** Where and as whom this process runs. Nothing here changes during a hook. */
export interface HookContext {
  /** Name of the unit, such as `db1/0`. */
  readonly unit: string;
  readonly app: string;
  readonly unitNumber: number;
  readonly modelName: string;
  readonly modelUuid: string;
  /** Version of the agent; empty in the few contexts where Juju leaves it out. */
  readonly jujuVersion: string;
  /** Empty where a unit has no machine. */
  readonly machineId: string;
  readonly charmDir: string;
  /** `hooks/<name>` or `actions/<name>`. */
  readonly dispatchPath: string;
  readonly contextId: string;
  /** Empty unless the unit is a subordinate: the unit on whose machine it lives. */
  readonly principalUnit: string;
  readonly availabilityZone: string;
  /** What a person debugs: names of breakpoints, separated by commas. */
  readonly debugAt: string;
}

/** The environment of this process. Everything else gets it handed in. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/**
 * The hook's environment without what ties a process to the running hook: for a program that outlives
 * the hook. `juju-exec` refuses to run with `JUJU_CONTEXT_ID` set (juju: cmd/jujud/run.go).
 */
export function environmentOutsideHook(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith("JUJU_")) kept[name] = value;
  }
  return kept;
}

/** The variable's value; throws an error with its name when it is missing or empty. */
export function requireVariable(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set: the charm must be started by Juju (its dispatch, or juju-exec)`);
  }
  return value;
}

/** Splits `db1/0`; throws when it is not the name of a unit. */
export function parseUnit(unit: string): { readonly app: string; readonly number: number } {
  const match = /^([a-z][a-z0-9-]*)\/(0|[1-9][0-9]*)$/.exec(unit);
  if (match?.[1] === undefined) throw new Error(`"${unit}" is not the name of a unit, such as mysql/0`);
  return { app: match[1], number: Number(match[2]) };
}

/** Reads the environment that Juju gives a hook; throws with the name of a missing variable. */
export function readContext(env: NodeJS.ProcessEnv): HookContext {
  const unit = requireVariable(env, "JUJU_UNIT_NAME");
  const { app, number } = parseUnit(unit);
  return Object.freeze({
    unit,
    app,
    unitNumber: number,
    modelName: requireVariable(env, "JUJU_MODEL_NAME"),
    modelUuid: requireVariable(env, "JUJU_MODEL_UUID"),
    jujuVersion: env["JUJU_VERSION"] ?? "",
    machineId: env["JUJU_MACHINE_ID"] ?? "",
    charmDir: requireVariable(env, "JUJU_CHARM_DIR"),
    dispatchPath: requireVariable(env, "JUJU_DISPATCH_PATH"),
    contextId: requireVariable(env, "JUJU_CONTEXT_ID"),
    principalUnit: env["JUJU_PRINCIPAL_UNIT"] ?? "",
    availabilityZone: env["JUJU_AVAILABILITY_ZONE"] ?? "",
    debugAt: env["JUJU_DEBUG_AT"] ?? "",
  });
}
