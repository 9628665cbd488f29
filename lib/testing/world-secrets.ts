// Juju's rules for secrets, in memory: who may read and change which, and which revision is read.

import type { Bag } from "../databag.ts";
import { HookToolError, type HookTools, type SecretRef } from "../hook-tools.ts";
import { Secret, type SecretContent, secretKey } from "../secrets.ts";
import { appOf, type WorldRelation, type WorldSecret } from "./shape.ts";

type SecretMethods = Pick<
  HookTools,
  "secretAdd" | "secretGet" | "secretIdOf" | "secretSet" | "secretGrant" | "secretRevoke" | "secretRemove"
>;

export interface SecretSurroundings {
  readonly unit: string;
  readonly leader: boolean;
  readonly modelUuid: string;
  readonly relations: readonly WorldRelation[];
}

export interface WorldSecrets {
  readonly tools: SecretMethods;
  /** As Juju has them after the hook: with its writes, or with nothing but what was tracked. */
  after(succeeded: boolean): readonly WorldSecret[];
}

/** Secrets of one hook. Which revision this unit tracks changes at once, everything else on success only. */
export function worldSecrets(before: readonly WorldSecret[], around: SecretSurroundings): WorldSecrets {
  const own = [around.unit, appOf(around.unit)];
  const pending = new Map(before.map((secret) => [secret.id, secret]));
  const tracked = new Map<string, number>();
  const original = new Map(before.map((secret) => [secret.id, secret]));

  const find = (command: string, ref: SecretRef): WorldSecret => {
    const found =
      "id" in ref
        ? pending.get(secretKey(ref.id))
        : [...pending.values()].find(({ label }) => label === ref.label);
    const told = "id" in ref ? `secret "${secretKey(ref.id)}"` : `consumer label "${ref.label}"`;
    if (found === undefined) throw new HookToolError(command, 1, "not-found", `${told} not found`);
    return found;
  };
  const mayRead = ({ owner, grants }: WorldSecret): boolean =>
    own.includes(owner) ||
    around.relations.some(
      ({ id, remoteApp, ghost }) => grants.includes(id) && remoteApp === appOf(owner) && !ghost,
    );
  const mayChange = ({ owner }: WorldSecret): boolean =>
    owner === around.unit || (owner === appOf(around.unit) && around.leader);
  const changeable = (command: string, id: string): WorldSecret => {
    const secret = find(command, { id });
    if (!mayChange(secret)) throw new HookToolError(command, 1, "denied", "permission denied");
    return secret;
  };
  const relationExists = (command: string, relationId: number): void => {
    if (around.relations.some(({ id }) => id === relationId)) return;
    throw new HookToolError(
      command,
      2,
      "relation-gone",
      `invalid value "${relationId}" for option -r: relation not found`,
    );
  };

  const tools: SecretMethods = {
    secretAdd: async (content, { owner, label }) => {
      if (owner === "application" && !around.leader) {
        throw new HookToolError("secret-add", 1, "not-leader", "this unit is not the leader");
      }
      if (label !== undefined && [...pending.values()].some((secret) => secret.label === label)) {
        throw new HookToolError("secret-add", 1, "failed", `secret with label "${label}" already exists`);
      }
      const id = freshId(pending);
      const named = label === undefined ? {} : { label };
      const holder = owner === "unit" ? around.unit : appOf(around.unit);
      pending.set(id, {
        id,
        owner: holder,
        revisions: [revealed("secret-add", content)],
        grants: [],
        ...named,
      });
      return `secret://${around.modelUuid}/${id}`;
    },
    secretGet: async (ref, { refresh = false, peek = false }) => {
      const secret = find("secret-get", ref);
      if (!mayRead(secret)) throw new HookToolError("secret-get", 1, "denied", "permission denied");
      const newest = secret.revisions.length;
      const followed =
        tracked.get(secret.id) ?? secret.tracked ?? original.get(secret.id)?.revisions.length ?? newest;
      const revision = refresh || peek ? newest : followed;
      if (!peek) tracked.set(secret.id, revision);
      return wrapped(secret.revisions[revision - 1] ?? {});
    },
    secretIdOf: async (label) => {
      const secret = find("secret-info-get", { label });
      if (!mayChange(secret))
        throw new HookToolError("secret-info-get", 1, "not-found", `secret "${label}" not found`);
      return secret.id;
    },
    secretSet: async (id, content) => {
      const secret = changeable("secret-set", id);
      // Several changes in one hook make one new revision.
      const committed = original.get(secret.id)?.revisions ?? [];
      pending.set(secret.id, { ...secret, revisions: [...committed, revealed("secret-set", content)] });
    },
    secretGrant: async (id, relationId) => {
      const secret = changeable("secret-grant", id);
      relationExists("secret-grant", relationId);
      pending.set(secret.id, { ...secret, grants: [...new Set([...secret.grants, relationId])] });
    },
    secretRevoke: async (id, relationId) => {
      const secret = changeable("secret-revoke", id);
      pending.set(secret.id, { ...secret, grants: secret.grants.filter((grant) => grant !== relationId) });
    },
    secretRemove: async (id) => void pending.delete(changeable("secret-remove", id).id),
  };
  return {
    tools,
    after: (succeeded) =>
      [...(succeeded ? pending : original).values()].map((secret) => {
        const revision = tracked.get(secret.id);
        if (revision === undefined) return secret;
        return { ...secret, tracked: Math.min(revision, secret.revisions.length) };
      }),
  };
}

function freshId(taken: ReadonlyMap<string, unknown>): string {
  for (let number = 1; ; number += 1) {
    const id = `new${String(number).padStart(17, "0")}`;
    if (!taken.has(id)) return id;
  }
}

function revealed(command: string, content: SecretContent): Bag {
  const entries = Object.entries(content).map(([key, value]) => [key, value.reveal()] as const);
  if (entries.length === 0)
    throw new HookToolError(command, 2, "bad-request", "missing secret value or filename");
  for (const [key, value] of entries) {
    if (!/^[a-z](?:-?[a-z0-9]){2,}$/.test(key)) {
      throw new HookToolError(command, 2, "bad-request", `key "${key}" not valid`);
    }
    if (value === "") throw new HookToolError(command, 1, "failed", "empty secret value not valid");
  }
  return Object.fromEntries(entries);
}

function wrapped(content: Bag): SecretContent {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, new Secret(value)]));
}
