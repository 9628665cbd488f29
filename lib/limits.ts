// What Juju and Linux take at most, checked before a hook command is started: the error then names the part that is too large.

import { HookToolError } from "./hook-error.ts";
import type { SecretContent } from "./secrets.ts";

/** Linux refuses to start a program with a longer single argument (MAX_ARG_STRLEN, with its final zero). */
const longestArgument = 128 * 1024 - 1;
/** juju: state/unitstate, `max allowed key length (256) exceeded` and the like. */
const longestStateKey = 256;
const longestStateValue = 64 * 1024;
const secretKeyPattern = /^[a-z](?:-?[a-z0-9]){2,}$/;
/** Of Juju 3.6.9 and later, for the content as it is stored: in base64. */
const largestSecret = 1024 * 1024;

/** Throws for an argument that no program can be started with. */
export function checkArguments(command: string, args: readonly string[]): void {
  for (const argument of args) {
    const size = Buffer.byteLength(argument);
    if (size > longestArgument) {
      throw refused(command, `an argument of ${size} bytes; Linux takes ${longestArgument}`);
    }
    if (argument.includes("\0")) throw refused(command, "an argument with a zero byte");
  }
}

/** Throws for a key or a value that Juju's store for charms does not take. */
export function checkState(command: string, changes: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (Buffer.byteLength(key) > longestStateKey) {
      throw refused(command, `a key of ${Buffer.byteLength(key)} bytes; Juju takes ${longestStateKey}`);
    }
    const size = Buffer.byteLength(value);
    if (size > longestStateValue) {
      throw refused(command, `the value of "${key}" has ${size} bytes; Juju takes ${longestStateValue}`);
    }
  }
}

/** Throws for a content that no Juju takes: keys are at least three characters long, values are not empty. */
export function checkSecret(command: string, content: SecretContent): void {
  const entries = Object.entries(content);
  if (entries.length === 0) throw refused(command, "a secret without content");
  let total = 0;
  for (const [key, value] of entries) {
    if (!secretKeyPattern.test(key)) {
      throw refused(command, `key "${key}": three or more of a-z, 0-9 and inner hyphens, a letter first`);
    }
    const size = Buffer.byteLength(value.reveal());
    if (size === 0) throw refused(command, `the value of "${key}" is empty`);
    total += Math.ceil(size / 3) * 4;
  }
  if (total > largestSecret)
    throw refused(command, `a content of ${total} bytes; Juju takes ${largestSecret}`);
}

function refused(command: string, what: string): HookToolError {
  return new HookToolError(command, 2, "bad-request", `not asked: ${what}`);
}
