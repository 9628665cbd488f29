// Adapter: runs Juju's hook commands as the executables that they are, and reads what they print.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGoalUnits, readNetwork, strings, textMap } from "./hook-answers.ts";
import { HookToolError, type HookToolReason, type HookTools, type SecretRef } from "./hook-tools.ts";
import type { ConfigValue } from "./meta.ts";
import type { Argv, Processes } from "./process.ts";
import { Secret, type SecretContent } from "./secrets.ts";

/** Far above what the agent needs for an answer, so that only one that hangs is cut off. */
const commandTimeoutMs = 120_000;

type Command = (argv: Argv, stdin?: string) => Promise<string>;
type Question = (argv: Argv) => Promise<unknown>;

/** Hook commands by Juju's executables, which must be on PATH. */
export function hookTools(processes: Processes): HookTools {
  const tell: Command = async (argv, stdin) => {
    const options = { timeoutMs: commandTimeoutMs, ...(stdin === undefined ? {} : { stdin }) };
    const { code, stdout, stderr, timedOut, truncated } = await processes.run(argv, options);
    if (timedOut)
      throw new HookToolError(argv[0], code, "failed", `no answer within ${commandTimeoutMs / 1000} s`);
    if (code !== 0) throw classify(argv[0], code, stderr.trim());
    if (truncated)
      throw new HookToolError(argv[0], code, "failed", "its answer is larger than any Juju gives");
    return stdout;
  };
  const ask: Question = async ([program, ...args]) => {
    const answer = await tell([program, "--format=json", ...args]);
    try {
      return answer.trim() === "" ? undefined : JSON.parse(answer);
    } catch {
      throw new HookToolError(program, 0, "failed", "its answer is no JSON");
    }
  };
  return {
    ...relationCommands(tell, ask),
    ...unitCommands(tell, ask),
    ...actionCommands(tell, ask),
    ...secretCommands(tell, ask),
    ...machineCommands(tell, ask),
  };
}

type Part<K extends keyof HookTools> = Pick<HookTools, K>;

function relationCommands(
  tell: Command,
  ask: Question,
): Part<"relationIds" | "relationUnits" | "relationApp" | "relationGet" | "relationSet"> {
  return {
    relationIds: async (endpoint) =>
      strings(await ask(["relation-ids", endpoint])).map((id) => Number(id.slice(id.lastIndexOf(":") + 1))),
    relationUnits: async (id) => strings(await ask(["relation-list", "-r", String(id)])),
    relationApp: async (id) => String((await ask(["relation-list", "-r", String(id), "--app"])) ?? ""),
    relationGet: async (id, owner) =>
      textMap(
        await ask(["relation-get", "-r", String(id), ...(owner.includes("/") ? [] : ["--app"]), "-", owner]),
      ),
    relationSet: async (id, target, changes) => {
      const app = target === "app" ? ["--app"] : [];
      await tell(["relation-set", "-r", String(id), ...app, "--file", "-"], JSON.stringify(changes));
    },
  };
}

function unitCommands(
  tell: Command,
  ask: Question,
): Part<
  | "isLeader"
  | "configGet"
  | "statusGet"
  | "statusSet"
  | "applicationVersionSet"
  | "jujuLog"
  | "stateGet"
  | "stateSet"
> {
  return {
    isLeader: async () => (await ask(["is-leader"])) === true,
    configGet: async () => ((await ask(["config-get"])) ?? {}) as Record<string, ConfigValue>,
    statusGet: async (target) => {
      const app = target === "app" ? ["--application"] : [];
      const answer = (await ask(["status-get", "--include-data", ...app])) as
        | Record<string, unknown>
        | undefined;
      const found = textMap((target === "app" ? answer?.["application-status"] : answer) ?? {});
      return { kind: found["status"] ?? "unknown", message: found["message"] ?? "" };
    },
    statusSet: async (target, { kind, message }) => {
      const app = target === "app" ? ["--application"] : [];
      await tell(["status-set", ...app, "--", kind, message]);
    },
    applicationVersionSet: async (version) => void (await tell(["application-version-set", "--", version])),
    jujuLog: async (level, text) => void (await tell(["juju-log", "--log-level", level, "--", text])),
    stateGet: async () => textMap((await ask(["state-get"])) ?? {}),
    stateSet: async (changes) => void (await tell(["state-set", "--file", "-"], JSON.stringify(changes))),
  };
}

function actionCommands(
  tell: Command,
  ask: Question,
): Part<"actionGet" | "actionSet" | "actionFail" | "actionLog"> {
  return {
    actionGet: async () => ((await ask(["action-get"])) ?? {}) as Record<string, unknown>,
    // Juju takes results as arguments only, so a result is readable on the machine while this runs.
    actionSet: async (results) => {
      const pairs = [...results].map(([key, value]) => `${key}=${value}`);
      if (pairs.length > 0) await tell(["action-set", "--", ...pairs]);
    },
    actionFail: async (message) => void (await tell(["action-fail", "--", message])),
    actionLog: async (message) => void (await tell(["action-log", "--", message])),
  };
}

function secretCommands(
  tell: Command,
  ask: Question,
): Part<
  "secretAdd" | "secretGet" | "secretIdOf" | "secretSet" | "secretGrant" | "secretRevoke" | "secretRemove"
> {
  return {
    secretAdd: (content, { owner, label, description }) =>
      withContentFiles(content, async (files) => {
        const labelled = label === undefined ? [] : ["--label", label];
        const described = description === undefined ? [] : ["--description", description];
        return (await tell(["secret-add", "--owner", owner, ...labelled, ...described, ...files])).trim();
      }),
    secretGet: async (ref, { refresh = false, peek = false }) => {
      const which = [...(refresh ? ["--refresh"] : []), ...(peek ? ["--peek"] : [])];
      const content = textMap((await ask(["secret-get", ...refArguments(ref), ...which])) ?? {});
      return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, new Secret(value)]));
    },
    secretIdOf: async (label) => {
      const [id] = Object.keys(((await ask(["secret-info-get", "--label", label])) ?? {}) as object);
      if (id === undefined)
        throw new HookToolError("secret-info-get", 0, "not-found", `secret "${label}" not found`);
      return id;
    },
    secretSet: (id, content) =>
      withContentFiles(content, async (files) => void (await tell(["secret-set", id, ...files]))),
    secretGrant: async (id, relation) => void (await tell(["secret-grant", id, "-r", String(relation)])),
    secretRevoke: async (id, relation) => void (await tell(["secret-revoke", id, "-r", String(relation)])),
    secretRemove: async (id) => void (await tell(["secret-remove", id])),
  };
}

function machineCommands(
  tell: Command,
  ask: Question,
): Part<"storageIds" | "storageLocation" | "networkGet" | "openedPorts" | "openPort" | "goalStateUnits"> {
  return {
    storageIds: async (name) => strings(await ask(["storage-list", name])),
    storageLocation: async (id) => String((await ask(["storage-get", "-s", id, "location"])) ?? ""),
    networkGet: async (binding, relationId) => {
      const relation = relationId === undefined ? [] : ["-r", String(relationId)];
      return readNetwork(await ask(["network-get", binding, ...relation]));
    },
    openedPorts: async () =>
      strings(await ask(["opened-ports"])).flatMap((range) => {
        const port = /^(\d+)\/tcp$/.exec(range)?.[1];
        return port === undefined ? [] : [Number(port)];
      }),
    openPort: async (port) => void (await tell(["open-port", `${port}/tcp`])),
    goalStateUnits: async () => readGoalUnits(await ask(["goal-state"])),
  };
}

function refArguments(ref: SecretRef): readonly string[] {
  return "id" in ref ? [ref.id] : ["--label", ref.label];
}

/** Secret values go through files that only this user can read, since arguments are public. */
async function withContentFiles<T>(
  content: SecretContent,
  use: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "charm-secret-"));
  try {
    const files: string[] = [];
    for (const [key, value] of Object.entries(content)) {
      const file = join(directory, key);
      await writeFile(file, value.reveal(), { mode: 0o600 });
      files.push(`${key}#file=${file}`);
    }
    return await use(files);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Texts of juju 3.4 to 4.0 (worker/uniter/runner/jujuc, apiserver), first match wins. */
const texts: readonly (readonly [RegExp, HookToolReason])[] = [
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
