// Errors: the one a person is meant to read, and the one place where `unknown` becomes `Error`.

/** What {@link OperatorError} may carry beside its message. */
export interface OperatorErrorOptions {
  /** Stable machine-readable reason, such as `cluster-not-found`. */
  readonly code?: string | undefined;
  /** What the person can do now: a command, as a rule. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error whose message is written for the operator. In an action it becomes the action's failure
 * message; in a hook it fails the hook without a stack trace in the log.
 */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
  readonly code: string | undefined;
  readonly next: string | undefined;

  constructor(message: string, options: OperatorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.next = options.next;
  }
}

/** A parameter of an action that was refused; `field` is the parameter's name as the operator typed it. */
export class ActionParameterError extends OperatorError {
  override readonly name = "ActionParameterError";
  readonly field: string;
  readonly reason: string;

  constructor(field: string, reason: string) {
    super(field === "" ? reason : `Parameter ${field}: ${reason}`, { code: "bad-parameter" });
    this.field = field;
    this.reason = reason;
  }
}

/** Turns anything thrown into an `Error`; an `Error` comes back as it is. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(
    typeof thrown === "string" ? thrown : `something that is not an error was thrown: ${describe(thrown)}`,
  );
}

/** What the log shows: the words and the next step of an error for a person, everything of any other. */
export function tellError(error: Error): string {
  if (!(error instanceof OperatorError)) return withCauses(error);
  return error.next === undefined ? error.message : `${error.message}\n${error.next}`;
}

function withCauses(error: Error): string {
  const told = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? told : `${told}\ncaused by ${withCauses(toError(error.cause))}`;
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
