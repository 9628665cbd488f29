// The errors of a command: what MySQL Shell prints for each, and the exit code it ends with.

/** An error of the AdminAPI: with a number (`MYSQLSH 51xxx: …`) or with the name of a class. */
export class ShellError extends Error {
  readonly label: string;

  constructor(label: string, message: string) {
    super(message);
    this.name = "ShellError";
    this.label = label;
  }
}

/** An unknown object, operation or option: MySQL Shell prints the bare text and exits with 10. */
export class UnknownNameError extends Error {}

/** A refused command line that carries no class: printed bare, exit code 1. */
export class CommandLineError extends Error {}

/** An error of the MySQL server or of the connection to it. Never carries the statement: it may hold a password. */
export class SqlError extends Error {
  readonly errno: number;
  readonly sqlState: string | undefined;

  constructor(errno: number, sqlState: string | undefined, message: string) {
    super(message);
    this.name = "SqlError";
    this.errno = errno;
    this.sqlState = sqlState;
  }
}

/** `MYSQLSH <code>: <message>` */
export const coded = (code: number, message: string): ShellError =>
  new ShellError(`MYSQLSH ${code}`, message);

/** `RuntimeError: <message>` */
export const runtime = (message: string): ShellError => new ShellError("RuntimeError", message);

/** `ArgumentError: <message>` */
export const argument = (message: string): ShellError => new ShellError("ArgumentError", message);

/** `LogicError: <message>` */
export const logic = (message: string): ShellError => new ShellError("LogicError", message);

/** The text of the last error line, without the line end. */
export function errorText(error: unknown): string {
  if (error instanceof ShellError) return `${error.label}: ${error.message}`;
  if (error instanceof SqlError) {
    const state = error.sqlState === undefined ? "" : ` (${error.sqlState})`;
    return `MySQL Error ${error.errno}${state}: ${error.message}`;
  }
  if (error instanceof Error) return error.message;
  return String(error);
}

/** True for errors that this program means to report; anything else is a fault of the program itself. */
export function isReported(error: unknown): boolean {
  return (
    error instanceof ShellError ||
    error instanceof SqlError ||
    error instanceof UnknownNameError ||
    error instanceof CommandLineError
  );
}

/** The exit code of MySQL Shell for an error. */
export const exitCodeOf = (error: unknown): number => (error instanceof UnknownNameError ? 10 : 1);

/** True for an error of the server or client with one of these numbers. */
export function isSqlError(error: unknown, ...numbers: readonly number[]): error is SqlError {
  return error instanceof SqlError && (numbers.length === 0 || numbers.includes(error.errno));
}

/** True for errors that say that the connection is not there (refused, lost, unresolvable, timed out). */
export const isConnectionLoss = (error: unknown): error is SqlError =>
  isSqlError(error, 2002, 2003, 2005, 2006, 2013, 1053, 3169);
