// The secret-* commands. Values go through files that only this user can read: arguments are public.

import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSecretInfo, strings, textMap } from "../hook-answers.ts";
import { HookToolError } from "../hook-error.ts";
import type { Grantee, SecretRef, SecretSettings, SecretTools } from "../hook-tools.ts";
import { checkSecret } from "../limits.ts";
import { Secret, type SecretContent } from "../secrets.ts";
import { asking, type CommandRunner } from "./command.ts";

export function secretCommands(run: CommandRunner): SecretTools {
  const { tell } = run;
  const ask = asking(run);
  return {
    secretAdd: async (content, { owner, ...settings }) => {
      checkSecret("secret-add", content);
      return withContentFiles(content, async (files) => {
        const flags = ["--owner", owner, ...settingFlags(settings)];
        return (await tell(["secret-add", ...flags, "--", ...files])).trim();
      });
    },
    secretGet: async (ref, { refresh = false, peek = false }) => {
      const which = [...(refresh ? ["--refresh"] : []), ...(peek ? ["--peek"] : [])];
      const content = await ask(["secret-get", ...refArguments(ref), ...which], textMap);
      return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, new Secret(value)]));
    },
    secretLabel: async (id, label) => void (await run.ask(["secret-get", id, "--label", label])),
    secretInfo: async (ref) => {
      const info = await ask(["secret-info-get", ...refArguments(ref)], readSecretInfo);
      if (info !== undefined) return info;
      throw new HookToolError("secret-info-get", 0, "not-found", "it told of no secret");
    },
    secretIds: () => ask(["secret-ids"], strings),
    secretSet: async (id, content, settings) => {
      const flags = settingFlags(settings);
      if (content === undefined) return void (await tell(["secret-set", id, ...flags]));
      checkSecret("secret-set", content);
      await withContentFiles(content, (files) => tell(["secret-set", id, ...flags, "--", ...files]));
    },
    secretGrant: async (id, relation, unit) => {
      const only = unit === undefined ? [] : ["--unit", unit];
      await tell(["secret-grant", id, "-r", String(relation), ...only]);
    },
    secretRevoke: async (id, from) => void (await tell(["secret-revoke", id, ...granteeFlags(from)])),
    secretRemove: async (id, revision) => {
      const only = revision === undefined ? [] : ["--revision", String(revision)];
      await tell(["secret-remove", id, ...only]);
    },
  };
}

function refArguments(ref: SecretRef): readonly string[] {
  return "id" in ref ? [ref.id] : ["--label", ref.label];
}

function settingFlags({ label, description, expire, rotate }: SecretSettings): readonly string[] {
  return [
    ...(label === undefined ? [] : ["--label", label]),
    ...(description === undefined ? [] : ["--description", description]),
    ...(expire === undefined ? [] : ["--expire", expire.toISOString()]),
    ...(rotate === undefined ? [] : ["--rotate", rotate]),
  ];
}

function granteeFlags(from: Grantee): readonly string[] {
  if ("relation" in from) return ["-r", String(from.relation)];
  return "app" in from ? ["--app", from.app] : ["--unit", from.unit];
}

/** The files have no name once they hold something: a dispatch that is killed in between leaves no value behind. */
async function withContentFiles<T>(
  content: SecretContent,
  use: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const open: number[] = [];
  try {
    const words: string[] = [];
    for (const [key, value] of Object.entries(content)) {
      const file = namelessFile();
      open.push(file);
      writeSync(file, value.reveal());
      words.push(`${key}#file=/proc/${process.pid}/fd/${file}`);
    }
    return await use(words);
  } finally {
    for (const file of open) closeSync(file);
  }
}

/** Juju's agent reads it as root, through this process: proc_pid_fd(5). */
function namelessFile(): number {
  const path = join(tmpdir(), `charm-secret-${crypto.randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}
