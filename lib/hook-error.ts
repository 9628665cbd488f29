// A hook command that failed, and what Juju's words about it mean.

/**
 * not-found: no such secret, storage, resource … · denied: not (yet) permitted · not-leader · relation-gone: the relation
 * ended, perhaps by force · bad-request: the command does not take these arguments · unsupported: this Juju has no such
 * command · failed: anything else.
 */
export type HookToolReason =
  | "not-found"
  | "denied"
  | "not-leader"
  | "relation-gone"
  | "bad-request"
  | "unsupported"
  | "failed";

/** A hook command that failed. The message holds Juju's own words, never an argument. */
export class HookToolError extends Error {
  override readonly name = "HookToolError";
  readonly reason: HookToolReason;
  readonly command: string;
  readonly returnCode: number;

  constructor(command: string, returnCode: number, reason: HookToolReason, said: string) {
    super(
      `${command} failed (${reason}, exit code ${returnCode}): ${said === "" ? "it said nothing" : said}`,
    );
    this.command = command;
    this.returnCode = returnCode;
    this.reason = reason;
  }
}

/** Texts of juju 3.4 to 4.0 (worker/uniter/runner/jujuc, apiserver), first match wins. */
const texts: readonly (readonly [RegExp, HookToolReason])[] = [
  [/bad request: unknown command/, "unsupported"],
  [/relation( \S+)? not found/, "relation-gone"],
  [/not the leader|cannot write relation settings/, "not-leader"],
  [/permission denied|access denied/, "denied"],
  [/not found/, "not-found"],
];

/** What a failed command's stderr and exit code mean: 2 is a request that the command does not take. */
export function classify(command: string, code: number, stderr: string): HookToolError {
  const found = texts.find(([pattern]) => pattern.test(stderr));
  const reason = found?.[1] ?? (code === 2 ? "bad-request" : "failed");
  return new HookToolError(command, code, reason, stderr.replace(/^ERROR /, ""));
}

/** Whether something thrown is a hook command's failure for this reason. */
export function isRefusal(thrown: unknown, ...reasons: readonly HookToolReason[]): thrown is HookToolError {
  return thrown instanceof HookToolError && reasons.includes(thrown.reason);
}
